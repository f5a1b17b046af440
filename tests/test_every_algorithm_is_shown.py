"""Every algorithm of the catalogue has its tests, its page and its measured error rates; a new one without them fails here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from algorithms._base import catalog
from evaluation import error_rates

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "algorithms"
#: Random payments for many algorithms at once; each stands there by its name in quotes.
COMMON = (TESTS / "test_patterns_common.py").read_text(encoding="utf-8")
#: Gaps that are known. One that is closed must leave its list: the lists are compared, not only consulted.
WITHOUT_PICTURE: set[str] = set()
WITHOUT_PROPERTY: set[str] = set()
WITHOUT_RATES: set[str] = set()


def own_tests(name: str) -> list[ast.FunctionDef]:
    """Test functions of the algorithm's own file that assert something; none when it has no file."""
    file = TESTS / f"test_{name}.py"
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    made = [item for item in tree.body if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")]
    return [item for item in made if any(isinstance(part, ast.Assert) for part in ast.walk(item))]


def is_property(test: ast.FunctionDef) -> bool:
    """Whether the test is given made-up input."""
    return any(ast.unparse(item).startswith("given(") for item in test.decorator_list)


def test_every_algorithm_but_the_known_has_a_picture() -> None:
    lacking = {name for name in catalog() if all(is_property(item) for item in own_tests(name))}
    assert lacking == WITHOUT_PICTURE


def test_every_algorithm_but_the_known_has_a_property_test() -> None:
    own = {name for name in catalog() if any(is_property(item) for item in own_tests(name))}
    assert {name for name in catalog() if name not in own and f'"{name}"' not in COMMON} == WITHOUT_PROPERTY


def test_every_algorithm_but_the_known_has_error_rates_of_its_version() -> None:
    measured = {(rate.algorithm, rate.version) for rate in error_rates.shipped()}
    assert {name for name, item in catalog().items() if (name, item.version) not in measured} == WITHOUT_RATES


@pytest.mark.parametrize("name", sorted(catalog()))
def test_an_algorithm_has_its_row_and_its_page(name: str) -> None:
    text = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| \[`{name}`\]\((.+?)\) \|(.+)\|$", text, re.MULTILINE)
    place, cells = row[0], [cell.strip() for cell in row[1].split("|")]
    assert len(cells) == 5 and all(cells), "finds, source, main parameters, cost, wrong of judged"
    named = re.findall(r"`(\w+)`", cells[2])
    assert named and set(named) <= set(catalog()[name].params.model_fields), "parameters that it has"
    if place.startswith("#"):
        assert re.search(rf"^## .*\(`{name}`\)$", text, re.MULTILINE)
    else:
        assert (ROOT / "docs" / place).read_text(encoding="utf-8").startswith("# ")
