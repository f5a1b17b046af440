"""Masking keeps what a class may show and no more, and leaves nothing invisible."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import mask, visible


@pytest.mark.parametrize(
    ("text", "privacy", "shown"),
    [
        ("6222021234567890123", "personal", "6222***********0123"), ("张三丰", "personal", "张**"), ("", "personal", ""),
        ("110101199001011234", "sensitive", "(18 characters)"), ("12.5", "internal", "12.5"), ("<b>", "public", "<b>"),
        ("a\u200bb\n\u202e", "internal", "a\\u200bb\\u000a\\u202e"), ("\U000e0001", "public", "\\U000e0001"),
    ],
)  # fmt: skip
def test_values_are_masked_by_class(text: str, privacy: str, shown: str) -> None:
    assert mask(text, privacy) == shown


def test_long_values_are_cut() -> None:
    assert visible("x" * 1000) == "x" * 80 + "…"


@given(st.text(), st.sampled_from(["public", "internal", "personal", "sensitive"]))
def test_nothing_invisible_is_ever_shown(text: str, privacy: str) -> None:
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in mask(text, privacy))


@given(st.text(min_size=13, alphabet="0123456789"))
def test_a_sensitive_value_shows_none_of_itself_and_a_personal_one_only_its_ends(text: str) -> None:
    assert mask(text, "sensitive") == f"({len(text)} characters)"
    assert text[4:-4] not in mask(text, "personal")
