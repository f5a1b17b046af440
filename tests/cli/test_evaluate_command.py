"""`ringtrace evaluate`: tables, JSON, a saved report, and one line when asked for nonsense."""

from __future__ import annotations

import json

import pytest

from cli.main import main


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))


def test_tables_then_json(capsys):
    common = [
        "evaluate",
        "--size",
        "6000",
        "--seeds",
        "7,8",
        "--difficulty",
        "easy",
        "--only",
        "mule_chain",
        "--only",
        "risk",
    ]
    assert main([*common, "--backtest", "--step-days", "30", "--replays", "2"]) == 0
    out, err = capsys.readouterr()
    for part in (
        "mule_chain",
        "PR-AUC",
        "collector",
        "victim",
        "fairness of risk",
        "65+",
        "cannot know",
        "back-test on",
        "median",
        "gang by gang",
        "back-tests together",
        "2 data sets",
    ):
        assert part in out, part
    assert "saved as eval-" in err
    assert main([*common, "--no-save", "--output", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["settings"][0]["algorithms"][0]["account_ap"]["sets"] == 2


def test_nonsense_is_one_line(capsys, tmp_path):
    for arguments in (["--seeds", "a"], ["--only", "nope"], ["--at", "2"], [str(tmp_path / "nothing")]):
        assert main(["evaluate", *arguments]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
