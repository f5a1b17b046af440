"""Ids: states keyed alike everywhere, events stable, phones and names in one form."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import derived
from graph.schema import Privacy
from loaders._event_ids import event_ids
from loaders._identity import normal_id, state_ids
from loaders._judge import Field, Judge, Notes
from loaders._plan import Output

PINNED = ["x:b8ed3944c826179ea3b58036d761ac18", "x:9c11de02146ad8ee26d8b1cf6510fc9b"]
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=5))
def test_state_ids_are_those_of_core_ids(pairs: list[tuple[str, str]]) -> None:
    starts, ends = (pl.Series([pair[side] for pair in pairs], dtype=pl.String) for side in (0, 1))
    expected = [derived("OWNS", "Person", "Account", start, end) for start, end in pairs]
    assert state_ids(Output("OWNS", {}, "Person", "Account"), starts, ends).to_list() == expected


def test_event_ids_do_not_change_between_versions() -> None:
    content = [pl.Series(["a", "b"]), pl.Series(["b", "a"]), pl.Series([1, 1])]
    assert event_ids("x:", "TRANSFER", content, pl.Series([1, 2])).to_list() == PINNED


@given(st.lists(st.tuples(_TEXTS, _TEXTS, st.integers(-(2**62), 2**62)), min_size=1, max_size=20))
def test_event_ids_differ_by_row_and_depend_on_nothing_else_in_the_file(rows: list[tuple[str, str, int]]) -> None:
    content = [
        pl.Series([row[place] for row in rows], dtype=pl.Int64 if place == 2 else pl.String) for place in range(3)
    ]
    numbers = pl.Series(range(1, len(rows) + 1), dtype=pl.Int64)
    ids = event_ids("", "TRANSFER", content, numbers).to_list()
    assert len(set(ids)) == len(rows)
    alone = [
        event_ids("", "TRANSFER", [column[[place]] for column in content], numbers[[place]])[0]
        for place in range(len(rows))
    ]
    assert ids == alone


@pytest.mark.parametrize(
    ("label", "written", "key"),
    [
        ("Phone", "13800138000", "+8613800138000"), ("Phone", "+86 138-0013-8000", "+8613800138000"), ("Phone", "008613800138000", "+8613800138000"),
        ("Phone", "8613800138000", "+8613800138000"), ("Phone", "10086", "10086"), ("Phone", "0044 20 7946 0000", "+442079460000"),
        ("Phone", "010-12345678", "01012345678"), ("Domain", "Example.COM", "example.com"), ("Organization", "ICBC", "icbc"), ("IP", "2001:DB8::1", "2001:db8::1"),
        ("Account", "aB", "aB"), ("Wallet", "TRx9aB", "TRx9aB"), ("Account", "cafe\u0301", "café"),
    ],
)  # fmt: skip
def test_each_label_has_its_normal_form(label: str, written: str, key: str) -> None:
    judge = Judge("f", pl.Series([1]), Notes())
    assert normal_id(label, pl.Series([written]), judge, Field("x", Privacy.PERSONAL, required=True)).to_list() == [key]
    assert not judge.found
