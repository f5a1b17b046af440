"""Card numbers in free text are cut down; other numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security.cards import mask_cards


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rent, card 4111 1111 1111 1111.", "rent, card ****1111."),
        ("6222021234567890 again", "6222021234567890 again"),
        ("4111-1111-1111-1111", "****1111"),
        ("order 1234567890123", "order 1234567890123"),
        ("tel 13800138000", "tel 13800138000"),
        ("", ""),
    ],
)
def test_examples(text, shown):
    assert mask_cards(text) == shown


@given(st.text(st.characters(blacklist_categories=["Nd", "Cs"])))
def test_text_without_digits_stays_as_it_is(text):
    assert mask_cards(text) == text


@given(st.text())
def test_masking_twice_is_masking_once(text):
    assert mask_cards(mask_cards(text)) == mask_cards(text)
