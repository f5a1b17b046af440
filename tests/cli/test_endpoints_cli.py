"""The operator at the data folder is the second person where there is only one administrator."""

from __future__ import annotations

import json

from cli.main import main
from core.settings import Settings
from outbox.endpoint_proposal import Wanted
from security.roles import Actor
from usecases import bootstrap, endpoint_changes

ADMIN = Actor("u-admin", "admin", frozenset({"administrator"}))
WANTED = Wanted("icbc", "new", "asked for by their office", "ICBC", "webhook", "https://icbc.example/in")


def listed(capsys):
    assert main(["endpoints", "list", "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_proposal_is_listed_approved_and_its_secret_printed_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))
    services = bootstrap.open_ledger(Settings())
    made = endpoint_changes.propose(services, ADMIN, WANTED)
    (row,) = listed(capsys)
    assert (row["state"], row["address"], row["proposed by"]) == ("proposed", WANTED.address, "admin")
    assert main(["endpoints", "approve", made.id, "--version", "7"]) == 2
    assert "edited" in capsys.readouterr().err
    assert main(["endpoints", "approve", made.id, "--version", row["version"]]) == 0
    assert capsys.readouterr().out.startswith("whsec_")
    assert endpoint_changes.take_secret(services, ADMIN, made.id).direction == "in"
    assert main(["endpoints", "approve", made.id, "--version", "1"]) == 2
    moved = Wanted("icbc", "move", "their office moved", "ICBC", "webhook", "https://other.example/in")
    again = endpoint_changes.propose(services, ADMIN, moved)
    assert main(["endpoints", "reject", again.id, "--note", "nobody asked"]) == 0
    capsys.readouterr()
    assert [row["state"] for row in listed(capsys)] == ["rejected", "approved"]
    bootstrap.close(services)
