"""What the documents name is there: links, headings, files and what stands in them, modules, settings, commands, make targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

import core.describe
import graph.describe
from cli.main import app_for
from core.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FILE = re.compile(r"([\w.\-]+(?:/[\w.\-]+)*\.(?:py|yaml|html|ts|css|md|po|mjs)|\.ci/\w+)(?:: (\w+))?")
#: Written where the product runs, or said not to be there.
_MADE = {"card.md", "env.py"}
#: Read by tests and benches, not by the product.
_OF_TESTS = {"RINGTRACE_REQUIRE", "RINGTRACE_TOUR"} | {"RINGTRACE_BENCH_POSTGRES_URL"}


def texts() -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCS]


def quoted(text: str) -> Iterator[str]:
    """What stands in back quotes, and the lines of blocks of code."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(text: str) -> set[str]:
    """Names under which headings can be linked to."""
    heads = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


@cache
def files() -> dict[str, list[Path]]:
    """Files of the repository by their name."""
    found: dict[str, list[Path]] = {}
    for path in ROOT.rglob("*"):
        if not {"node_modules", ".venv", ".git", "var", "dist"} & set(path.relative_to(ROOT).parts) and path.is_file():
            found.setdefault(path.name, []).append(path)
    return found


def there(name: str, document: Path) -> list[Path]:
    """Files of this name or path, as seen from the root, the document, or at the end of a longer path."""
    return [path for path in files().get(Path(name).name, []) if f"/{path.as_posix()}".endswith(f"/{name}")] or [
        path for path in (document.parent / name,) if path.exists()
    ]


@pytest.mark.parametrize("document", texts())
def test_links_lead_somewhere(document: Path) -> None:
    dead = []
    for place, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", document.read_text(encoding="utf-8")):
        if place.startswith("http"):
            continue
        target = document.parent / place if place else document
        if not target.exists() or (heading and heading not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(f"{place}#{heading}")
    assert dead == []


@pytest.mark.parametrize("document", texts())
def test_files_are_there_and_hold_what_is_said_of_them(document: Path) -> None:
    missing = []
    for text in quoted(document.read_text(encoding="utf-8")):
        named = _FILE.fullmatch(text)
        if named and text not in _MADE:
            found = there(named[1], document)
            if not found or (named[2] and not any(named[2] in path.read_text(encoding="utf-8") for path in found)):
                missing.append(text)
    assert missing == []


@pytest.mark.parametrize("document", texts())
def test_modules_targets_and_settings_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    settings = {f"RINGTRACE_{name.upper()}" for name in Settings.model_fields}
    missing = [name for name in set(re.findall(r"\bRINGTRACE_[A-Z0-9_]*[A-Z0-9]\b", text)) - settings - _OF_TESTS
               if not name.startswith("RINGTRACE_TEST_")]  # fmt: skip
    for line in quoted(text):
        missing += [name for name in re.findall(r"^make (?:-s )?([a-z][\w-]*)", line) if name not in targets]
        for module in re.findall(r"python -m ([a-z_]+(?:\.\w+)*)", line):
            path = ROOT / module.replace(".", "/")
            if not path.with_suffix(".py").exists() and not (path / "__main__.py").exists():
                missing.append(module)
    assert missing == []


@pytest.mark.parametrize("document", texts())
def test_commands_and_their_options_are_there(document: Path) -> None:
    if document.name == "benchmarks.md":  # its blocks are what the benches print, ringtrace beside its peers
        return
    wrong = []
    for line in quoted(document.read_text(encoding="utf-8")):
        said = re.match(r"(?:\S*/)?ringtrace ([a-z].*)", line.split(" #")[0])
        if said and not _runs(said[1].split()):
            wrong.append(line)
    assert wrong == []


@cache
def commands() -> dict[tuple[str, ...], set[str]]:
    """Options of every command of the command line, by its words."""
    found: dict[tuple[str, ...], set[str]] = {}

    def walk(command: object, words: tuple[str, ...]) -> None:
        options = {name for given in command.params for name in (*given.opts, *given.secondary_opts)}
        found[words] = options | {"--help"}
        for name, under in getattr(command, "commands", {}).items():
            walk(under, (*words, name))

    walk(typer.main.get_command(app_for("")), ())
    return found


def _runs(words: list[str]) -> bool:
    """Whether the command line has this command, with all options that are named."""
    known = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in commands()), None)
    if known is None:
        return False
    given = {word.split("=")[0].strip("[]") for word in words if word.strip("[").startswith("--")}
    return given <= commands()[known]


def test_pages_that_are_made_are_as_they_would_be_made_now() -> None:
    for name, made in (("schema", graph.describe.markdown()), ("settings", core.describe.page())):
        assert (ROOT / f"docs/{name}.md").read_text(encoding="utf-8").strip() == made.strip(), (
            f"make docs/{name}.md anew"
        )


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))


def test_comments_name_documents_that_are_there() -> None:
    """`docs/...md` in a docstring or comment of the product."""
    missing = []
    for path in ROOT.glob("[a-z]*/**/*.py"):
        if "node_modules" in path.parts:
            continue
        for name in re.findall(r"\bdocs/[\w/\-]+\.md\b", path.read_text(encoding="utf-8")):
            if not (ROOT / name).exists():
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert missing == []
