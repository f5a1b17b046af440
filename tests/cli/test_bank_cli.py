"""The simulated bank's commands: the example is a script, and a wrong file ends in one line."""

from __future__ import annotations

import json

import pytest

from cli.main import main


def test_the_example_is_a_script(capsys):
    assert main(["bank", "example"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rules"]) == 6


@pytest.mark.parametrize(
    ("option", "content", "says"),
    [
        ("--script", b'{"rules": [{"answer": "perhaps"}]}', "rules.0.answer"),
        ("--book", b'{"accounts": 1}', "accounts"),
        ("--script", b"\xff\xfe", "expected UTF-8"),
        ("--script", None, "No such file"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path, monkeypatch, capsys, option, content, says):
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))
    path = tmp_path / "given.json"
    if content is not None:
        path.write_bytes(content)
    assert main(["bank", "serve", option, str(path)]) in (1, 2)
    said = capsys.readouterr().err
    assert says in said and "Traceback" not in said
