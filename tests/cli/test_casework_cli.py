"""Casework's commands on a fresh installation."""

from __future__ import annotations

import json

from cli.main import main


def test_key_figures_orders_and_a_lead(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RINGTRACE_BUFFER_POOL_MB", "128")
    assert main(["cases", "lead", "转账5万元到6222020200012345678", "--output", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == [] and "no trace: no_account" in said.err and "code is" in said.err
    assert main(["cases", "kpi", "--output", "json"]) == 0
    rows = {row["figure"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["cases"]["value"] == "0" and rows["recovery_rate"]["goal"] == 0.25
    assert main(["cases", "orders", "--output", "csv"]) == 0
    assert capsys.readouterr().out.startswith("order,state,bank")
    assert main(["cases", "kpi", "--by", "colour"]) == 2
