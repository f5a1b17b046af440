"""What cannot be seen is written out; what can be seen is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports._text import visible


@pytest.mark.parametrize("text", ["plain", "王𠮷𰻝", "é e\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f", "a\tb\nc", "\ue000"])
def test_readable_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\u202eb", "a\\u202eb"), ("\u200b", "\\u200b"), ("a\u200db", "a\\u200db"), ("\x00", "\\u0000"), ("\ud800", "\\ud800"),
     ("\U000e0041", "\\U000e0041"), ("\ufffe", "\\ufffe"), ("\u3164", "\\u3164")],
)  # fmt: skip
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_result_is_valid_text_and_stable(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\n\r" for char in shown)
    assert visible(shown) == shown
