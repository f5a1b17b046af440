"""Figures over several data sets, with intervals that do not pretend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.proportion import Proportion
from evaluation.measured import Ratio, pooled


def test_nothing_measured_has_no_value():
    assert pooled([]).value is None
    assert pooled([Ratio(0, 0)]).value is None


def test_one_data_set_has_the_interval_of_its_counts_or_none():
    assert (pooled([Ratio(8, 10)]).low, pooled([Ratio(8, 10)]).high) == Proportion(8, 10).interval
    assert pooled([Ratio(0.8, 1, counted=False)]).low is None


def test_equal_seeds_do_not_make_certainty():
    figure = pooled([Ratio(4, 4)] * 3)
    assert figure.value == 1.0 and figure.low < 0.8


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda p: (min(p), p[1])), min_size=2, max_size=6)
)
def test_the_interval_holds_the_figure_and_the_same_data_give_the_same(parts):
    ratios = [Ratio(min(top, of), of) for top, of in parts]
    figure = pooled(ratios)
    assert figure.value == pytest.approx(sum(r.top for r in ratios) / sum(r.bottom for r in ratios))
    assert -1e-9 <= figure.low <= figure.value + 1e-9 and figure.value - 1e-9 <= figure.high <= 1 + 1e-9
    assert pooled(ratios) == figure
