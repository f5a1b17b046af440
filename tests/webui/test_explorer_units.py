"""The explorer's own tests and type check run with the rest; its tables agree with the Python they mirror."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from core.money import EXPONENT
from exports._style import STYLES
from graph.schema import NODES
from webui import build

SOURCE = build.SOURCE


@pytest.fixture(scope="module")
def node() -> Path:
    """Node with the locked packages, the type checker included."""
    found, npm = build.find_node()
    build.install(found, npm, dev=True)
    return found


def test_unit_tests_of_the_explorer(node: Path) -> None:
    run = subprocess.run([node, "test.mjs"], cwd=SOURCE, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "# fail 0" in run.stdout or "fail 0" in run.stdout


def test_type_check_of_the_explorer(node: Path) -> None:
    run = subprocess.run(
        [node, "node_modules/typescript/bin/tsc", "--noEmit", "-p", "."],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stdout


def test_currency_exponents_are_those_of_core_money() -> None:
    text = (SOURCE / "src/format.ts").read_text("utf-8")
    table = text.split("EXPONENT")[1].split("};")[0]
    assert {code: int(digits) for code, digits in re.findall(r"(\w+): (\d)", table)} == EXPONENT


def test_every_label_is_drawn_as_the_exports_draw_it() -> None:
    text = (SOURCE / "src/style.ts").read_text("utf-8")
    rows = re.findall(r'(\w+): \{ color: "(#\w{6})", shape: "(\w+)", mark: "([^"]+)" \}', text)
    assert {name: rest for name, *rest in rows} == {
        name: [style.color, style.shape, style.mark] for name, style in STYLES.items()
    }
    assert set(STYLES) == set(NODES), "a label of the schema has no style of its own"
    assert (
        len({style.color for style in STYLES.values()}) == len({style.mark for style in STYLES.values()}) == len(STYLES)
    )


def test_no_markup_is_ever_made_from_text() -> None:
    for file in (SOURCE / "src").rglob("*.ts"):
        words = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", file.read_text("utf-8")
        )
        assert not words, f"{file.name}: {words}"


def test_packages_are_pinned_exactly_and_freely_licensed() -> None:
    package = json.loads((SOURCE / "package.json").read_text())
    pins = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in pins.values())
    lock = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    free = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "OFL-1.1"}
    for where, entry in lock.items():
        if where:
            assert entry["integrity"].startswith("sha512-"), where
            assert entry.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/")
            assert entry.get("license") in free, f"{where}: {entry.get('license')}"
