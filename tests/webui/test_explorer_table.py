"""The table of docs/explorer.md is whole and true: what it names is there, and no browser test of the explorer is missing."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/explorer.md").read_text("utf-8").partition("## What shows it")[2]
NAMED = set(re.findall(r"`(test_\w+)`", TABLE))


def _tests(*files: Path) -> set[str]:
    return {name for file in files for name in re.findall(r"^def (test_\w+)\(", file.read_text("utf-8"), re.M)}


def test_every_test_and_file_it_names_is_there():
    assert NAMED - _tests(*(ROOT / "tests").rglob("test_*.py")) == set()
    for name in re.findall(r"`(\w+\.test\.ts)`", TABLE):
        assert (ROOT / "webui/explorer/test" / name).exists(), name
    for name in re.findall(r"`(test_\w+\.py)`", TABLE):
        assert (Path(__file__).parent / name).exists(), name


def test_every_part_has_a_row_and_every_browser_test_a_place():
    assert re.findall(r"^\| \*\*(\d|Bad input)\*\*", TABLE, re.M) == [*"123456789", "Bad input"]
    beside = (path for path in Path(__file__).parent.glob("test_explorer_*.py") if path != Path(__file__))
    files = [path for path in beside if "pytest.mark.browser" in path.read_text("utf-8")]
    assert len(files) >= 5
    assert _tests(*files) - NAMED == set()
    units = {path.name for path in (ROOT / "webui/explorer/test").glob("*.test.ts")}
    assert {"commands.test.ts", "layout.test.ts", "trail.test.ts"} <= units & set(
        re.findall(r"`(\w+\.test\.ts)`", TABLE)
    )
