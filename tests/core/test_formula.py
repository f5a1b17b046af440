"""No cell starts a formula, whichever separator the reader's spreadsheet splits at."""

from __future__ import annotations

import re

import pytest

from core.formula import inert


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("payload", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1+1", "  =1", '"=1', "\t=1", "'=1"])
def test_no_part_starts_a_formula_after_any_separator(separator, payload):
    for text in (payload, f"Wang{separator}{payload}", f"a{separator}{separator}{payload}{separator}{payload}"):
        if separator == "," and text != payload:
            continue  # a comma is quoted by the writer itself
        for part in re.split(f"[{re.escape(separator)}]", inert(text)):
            assert not re.match(r'[\s"]*[=+\-@\uff1d]', part), inert(text)


@pytest.mark.parametrize("text", ["", "Wang; Li", "a-b", "x|y", "2026-01-01", "O'Hara"])
def test_ordinary_text_is_left_alone(text):
    assert inert(text) == text
