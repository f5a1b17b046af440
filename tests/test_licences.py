"""docs/licences.md lists exactly what is installed, each under its use, and nothing of the product is GPL or proprietary."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")


def pinned(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found.lower().replace("_", "-") for found in re.findall(r"^([\w.\-]+)(?:\[.*\])?==", text, re.M)}


def listed(use: str) -> dict[str, str]:
    return dict(re.findall(rf"^\| {use} \| (\S+) \| (.+) \|$", PAGE, re.M))


def test_every_python_package_is_listed_under_its_use_and_no_other() -> None:
    product, tests, bench = (pinned(f"requirements{name}.txt") for name in ("", "-dev", "-bench"))
    assert set(listed("run time")) == product
    assert set(listed("tests")) == tests - product
    assert set(listed("bench only")) == bench - product - tests


def test_no_run_time_package_is_gpl_or_proprietary() -> None:
    wrong = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|Proprietary")
    assert {name: licence for name, licence in listed("run time").items() if wrong.search(licence)} == {}


def test_every_browser_package_is_named() -> None:
    package = json.loads((ROOT / "webui/explorer/package.json").read_text(encoding="utf-8"))
    wanted = {*package["dependencies"], *package["devDependencies"]}
    part = PAGE.split("## In the browser")[1]
    families = ("@codemirror/", "@sigma/", "graphology-")
    assert {
        name for name in wanted if name not in part and not any(name.startswith(f) and f in part for f in families)
    } == set()
