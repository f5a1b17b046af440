"""The command line end to end on the real AMLSim sample and the embedded store."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "amlsim"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason=f"the AMLSim sample is not at {SAMPLE}")


@dataclass(frozen=True)
class Done:
    """What a command left: exit status and both outputs."""

    returncode: int
    stdout: str
    stderr: str


def run(home, *arguments, check=True, **environment):
    """One command as the `ringtrace` script runs it, in this process: starting Python anew each time takes seconds."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {"RINGTRACE_HOME": str(home), "COLUMNS": "200", **environment}.items():
            patch.setenv(name, value)
        done = Done(main(list(arguments)), out.getvalue(), err.getvalue())
    if check:
        assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_installed_script_runs(tmp_path):
    environment = {**os.environ, "RINGTRACE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "detect"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "ringtrace: name an algorithm, or say --all"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation with the AMLSim sample loaded and every algorithm run once."""
    folder = tmp_path_factory.mktemp("installation")
    run(folder, "load", str(SAMPLE), "--format", "amlsim")
    return folder


@needs_sample
def test_loading_again_reports_no_new_rows(home):
    done = run(home, "load", str(SAMPLE), "--format", "amlsim")
    assert "read 140558 = loaded 0 + duplicate 140558 + rejected 0" in done.stdout
    assert "0 new rows" in done.stdout


@needs_sample
def test_the_graph_has_every_row_and_no_label_of_the_data_set(home):
    counts = json.loads(run(home, "query", "MATCH (a:Account) RETURN count(a) AS accounts", "--output", "json").stdout)
    assert counts == [{"accounts": 20000}]
    counts = json.loads(
        run(home, "query", "MATCH (:Account)-[t:TRANSFER]->(:Account) RETURN count(t) AS n", "--output", "json").stdout
    )
    assert counts == [{"n": 120558}]
    properties = run(home, "query", "MATCH (a:Account) WHERE a.id = 'amlsim:216' RETURN a", "--output", "json").stdout
    assert "fraud" not in properties.lower()


@needs_sample
def test_detect_findings_query_and_export(home, tmp_path):
    rows = json.loads(run(home, "detect", "--all", "--output", "json").stdout)
    found = {row["algorithm"]: row["findings"] for row in rows}
    assert {"community", "mule_chain", "fan_in", "fan_out", "cycle", "risk"} <= found.keys()
    assert found["fan_in"] > 0
    listed = list(
        csv.DictReader(io.StringIO(run(home, "findings", "--kind", "fan_in", "--limit", "3", "--output", "csv").stdout))
    )
    assert len(listed) == 3
    assert all(re.fullmatch(r"\d+ of \d+|not measured", row["wrong of such on evaluation data"]) for row in listed)
    key = listed[0]["finding"]
    involved = json.loads(run(
        home, "query", "MATCH (f:Finding)-[i:INVOLVES]->(a:Account) WHERE f.id = $id RETURN a.id AS account, i.role AS role",
        "--params", json.dumps({"id": key}), "--output", "json",
    ).stdout)  # fmt: skip
    assert len(involved) == int(listed[0]["members"])
    for form in ("graphml", "gexf", "csv_zip", "json_graph", "html"):
        out = tmp_path / f"finding.{form}"
        run(home, "export", form, str(out), "--finding", key)
        assert out.stat().st_size > 500


@needs_sample
def test_a_rebuilt_store_has_the_same(home):
    question = ("query", "MATCH (f:Finding) RETURN f.kind AS kind, count(f) AS n ORDER BY kind", "--output", "json")
    before = run(home, *question).stdout
    assert "rebuilt from" in run(home, "rebuild").stdout
    assert run(home, *question).stdout == before


@pytest.mark.parametrize(("arguments", "says"), [
    (("load", "/no/such/file"), "no such file"),
    (("load", "/etc/hostname", "--format", "nonsense"), "unknown format 'nonsense': use one of"),
    (("detect", "nonsense"), "unknown algorithm 'nonsense': use one of"),
    (("detect",), "name an algorithm, or say --all"),
    (("findings", "--kind", "nonsense"), "unknown kind 'nonsense': use one of "),
    (("detect", "fan_in", "--params", "{"), "not JSON"),
    (("detect", "fan_in", "--params", '{"fan_in": {"nonsense": 1}}'), "nonsense"),
    (("query", "CREATE (n)"), "ringtrace: "),
    (("query", "MATCH (n) RETURN n", "--params", "[]"), "expected a JSON object"),
    (("users", "add", "x", "--role", "nonsense"), "ringtrace: "),
    (("export", "nonsense", "/tmp/x"), "unknown format"),
])  # fmt: skip
def test_a_mistake_is_one_line_that_says_what_to_do(tmp_path, arguments, says):
    done = run(tmp_path, *arguments, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_people_by_command_line(tmp_path):
    added = run(
        tmp_path, "users", "add", "li.na", "--role", "investigator", "--role", "auditor", "--full-name", "李娜"
    ).stdout
    assert "one-time password" in added
    listed = json.loads(run(tmp_path, "users", "list", "--output", "json").stdout)
    assert [(row["name"], row["roles"], row["enabled"]) for row in listed] == [("li.na", "auditor, investigator", True)]
    run(tmp_path, "users", "disable", "li.na")
    assert json.loads(run(tmp_path, "users", "list", "--output", "json").stdout)[0]["enabled"] is False


def test_doctor_names_every_part(tmp_path):
    rows = json.loads(run(tmp_path, "doctor", "--output", "json").stdout)
    assert {"system database", "ledger", "ladybug store"} <= {row["part"] for row in rows if row["state"] == "ok"}
    done = run(
        tmp_path,
        "doctor",
        "--output",
        "json",
        check=False,
        RINGTRACE_STORE="neo4j",
        NEO4J_URI="bolt://127.0.0.1:1",
        NEO4J_PASSWORD="x",
    )
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stdout
