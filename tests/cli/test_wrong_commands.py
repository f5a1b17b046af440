"""Wrong commands, settings and files: each is one line on stderr that names what is wrong, and never a traceback."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

import cli
from cli.main import COMMANDS, GROUPS, app_for, main

USAGE, UNUSABLE = 2, 1


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["nosuchcommand"], USAGE, "No such command 'nosuchcommand'"),
        (["load"], USAGE, "Missing argument 'path'. (see: ringtrace load --help)"),
        (["load", "/no/such.csv"], USAGE, "/no/such.csv: no such file or folder"),
        (["load", "/etc/hostname"], USAGE, "looks like none of the known formats"),
        (["findings", "--nosuch"], USAGE, "No such option"),
        (["generate", "out", "--transfers", "5"], USAGE, "greater than or equal to 1000"),
        (["rebuild", "--up-to", "-1"], USAGE, "'--up-to'"),
        (["detect", "nosuch"], USAGE, "unknown algorithm 'nosuch'"),
        (["query", "@nosuch.cypher"], UNUSABLE, "nosuch.cypher: No such file or directory"),
        (["query", "CREATE (a:Account {id: 'x'})"], USAGE, "a query starts with"),
        (["users", "add", "a b", "--role", "analyst"], USAGE, "sign-in name"),
    ],
)
def test_a_wrong_command(arguments, status, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RINGTRACE_BUFFER_POOL_MB", "128")
    assert main(arguments) == status
    assert says in only_line(capsys)


@pytest.mark.parametrize(
    ("settings", "status", "says"),
    [
        ({"STORE": "oracle"}, USAGE, "RINGTRACE_STORE: Input should be 'ladybug' or 'neo4j'"),
        ({"PORT": "abc"}, USAGE, "RINGTRACE_PORT: Input should be a valid integer"),
        ({"DATABASE_URL": "mysql://a:secret@127.0.0.1/x"}, UNUSABLE, "mysql is not supported"),
        ({"DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/x"}, UNUSABLE, "does not answer"),
        ({"DATABASE_URL": "sqlite:///garbage.db"}, UNUSABLE, "file is not a database"),
        ({"HOME": "/proc/nowhere"}, UNUSABLE, "/proc/nowhere: No such file or directory"),
        ({"HOME": "garbage.db"}, UNUSABLE, "garbage.db: File exists"),
        (
            {"STORE": "neo4j", "NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "secret"},
            UNUSABLE,
            "does not answer",
        ),
        (
            {"STORE": "neo4j", "NEO4J_URI": "http://127.0.0.1:1", "NEO4J_PASSWORD": "secret"},
            UNUSABLE,
            "must start with one of neo4j",
        ),
    ],
)
def test_a_wrong_setting(settings, status, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "garbage.db").write_bytes(b"this is no database " * 100)
    for name, value in {"HOME": str(tmp_path / "home"), **settings}.items():
        monkeypatch.setenv(f"RINGTRACE_{name}", value)
    assert main(["findings"]) == status
    line = only_line(capsys)
    assert says in line and "secret" not in line


def test_a_store_that_is_no_store(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path))
    monkeypatch.setenv("RINGTRACE_BUFFER_POOL_MB", "128")
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "ringtrace.lbug").write_bytes(b"garbage " * 1000)
    assert main(["findings"]) == UNUSABLE
    assert only_line(capsys).endswith("run `ringtrace rebuild`")


def only_line(capsys) -> str:
    """What was said on stderr: one line, nothing on stdout."""
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert said.out == "" and len(lines) == 1, said.err
    assert lines[0].startswith("ringtrace: ")
    return lines[0]


def test_only_the_file_of_the_command_called_is_imported_and_every_file_is_known():
    listed = set(COMMANDS) | set(GROUPS.values())
    has = {file.stem for file in Path(cli.__file__).parent.glob("*.py")} - {"__init__", "main", "output", "progress"}
    assert listed == has
    for file, names in COMMANDS.items():
        for name in names:
            assert app_for(name).registered_commands, name
        made = typer.Typer()
        import_module(f"cli.{file}").register(made)
        said = {told.name or told.callback.__name__.replace("_", "-") for told in made.registered_commands}
        assert said == set(names), file
    every = app_for("")
    assert {told.name for told in every.registered_groups} == set(GROUPS)
    lines = "import sys, cli.main; cli.main.app_for('serve'); print([m for m in ('numba', 'networkit', 'algorithms') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", lines],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(cli.__file__).parents[1],
    )
    assert done.stdout.strip() == "[]", done.stderr
