"""docs/detection.md has every algorithm, with source, parameters, cost and measured error rates, and each has its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from algorithms._base import catalog
from evaluation.describe import PAGE, ROW, cell, refreshed
from evaluation.error_rates import Rate, shipped

ROWS = {row["name"]: row for line in PAGE.read_text(encoding="utf-8").splitlines() if (row := ROW.match(line))}


@pytest.mark.parametrize("name", sorted(catalog()))
def test_every_algorithm_has_a_row_and_a_page(name):
    assert name in ROWS, f"docs/detection.md: add a row for {name} to the overview table"
    row = ROWS[name]
    what, source, parameters, cost = (part.strip() for part in row["middle"].split("|"))
    assert (
        what
        and source
        and cost
        and f"`{next(iter(set(catalog()[name].params.model_fields) & set(parameters.split('`'))), '')}`" != "``"
    ), row[0]
    target, _, anchor = row["page"].partition("#")
    page = (PAGE.parent / target) if target else PAGE
    assert page.is_file(), page
    assert not anchor or f"(`{name}`)" in Path(page).read_text(encoding="utf-8")


def test_no_row_is_left_of_an_algorithm_that_is_gone():
    assert set(ROWS) <= set(catalog())


def test_the_error_rates_told_are_the_shipped_ones():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text, shipped()) == text, "run python -m evaluation.describe"


def test_a_cell_says_wrong_of_judged_or_that_it_was_not_measured():
    rates = [
        Rate("a", "1", "generated town, 9 transfers, hard", low, low + 0.1, 3, 10, 0, "shipped")
        for low in (0.6, 0.7, 0.8)
    ]
    assert cell(rates, "a") == "1: hard 14 of 20"
    assert cell(rates[:1], "a") == "1: hard none so high"
    assert cell(rates, "b") == "not measured"
