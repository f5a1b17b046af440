"""docs/detection.md has every algorithm, with source, parameters, cost and measured error rates, and each has its page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from algorithms._base import catalog
from evaluation.describe import PAGE, RESULTS, ROW, cell, refreshed
from evaluation.error_rates import Rate, shipped

ROWS = {row["name"]: row for line in PAGE.read_text(encoding="utf-8").splitlines() if (row := ROW.match(line))}


def parameters_told(name: str) -> dict[str, str]:
    """Parameter -> default as the tables of an algorithm's own page, or its section of the overview, tell it."""
    target, _, anchor = ROWS[name]["page"].partition("#")
    text = ((PAGE.parent / target) if target else PAGE).read_text(encoding="utf-8")
    if anchor:
        text = text[text.index(f"(`{name}`)\n") :].split("\n## ")[0]
    told: dict[str, str] = {}
    for line in text.splitlines():
        if row := re.match(r"^\| (`\w+`(?:, `\w+`)*) \| ([^|]*) \|", line):
            names, cell_ = re.findall(r"`(\w+)`", row[1]), row[2].strip()
            told |= dict(zip(names, cell_.split(", ") if len(names) > 1 else [cell_], strict=True))
    return told


def as_told(default: Any) -> str | None:
    """How a default stands in a table; None for one that may be told in any words (lists by currency or kind)."""
    match default:
        case bool():
            return str(default).lower()
        case None:
            return "none"
        case int():
            return f"{default:,}"
        case float():
            return f"{default:,g}"
        case "" | ():
            return "empty"
        case str():
            return default
    return None


@pytest.mark.parametrize("name", sorted(catalog()))
def test_its_page_tells_every_parameter_with_the_default_it_has(name):
    told, fields = parameters_told(name), catalog()[name].params.model_fields
    assert fields.keys() <= told.keys(), f"not told: {sorted(fields.keys() - told.keys())}"
    for field, known in fields.items():
        expected = as_told(known.get_default(call_default_factory=True))
        assert told[field] == expected or (expected is None and told[field]), (field, told[field], expected)


def test_no_row_is_left_of_an_algorithm_that_is_gone():
    assert set(ROWS) <= set(catalog())


def test_the_error_rates_told_are_the_shipped_ones():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text, shipped()) == text, "run python -m evaluation.describe"


def test_the_tables_of_results_are_of_the_versions_there_are():
    rows = re.findall(r"^\| (\w+) ([\d.]+) \|", RESULTS.read_text(encoding="utf-8"), re.MULTILINE)
    known = {(name, item.version) for name, item in catalog().items()}
    assert set(rows) == known, (
        "run python -m bench.error_rates --report R.json and python -m evaluation.describe R.json"
    )


def test_a_cell_says_wrong_of_judged_or_that_it_was_not_measured():
    rates = [
        Rate("a", "1", "generated town, 9 transfers, hard", low, low + 0.1, 3, 10, 0, "shipped")
        for low in (0.6, 0.7, 0.8)
    ]
    assert cell(rates, "a") == "1: hard 14 of 20"
    assert cell(rates[:1], "a") == "1: hard none so high"
    assert cell(rates, "b") == "not measured"
