"""Shares of counted things and their intervals."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from core.proportion import Proportion


@pytest.mark.parametrize(("right", "of"), [(0, 1), (1, 1), (3, 3), (8, 10), (0, 40), (17, 400), (999, 1000)])
def test_the_interval_is_wilsons(right, of):
    peer = binomtest(right, of).proportion_ci(method="wilson")
    assert Proportion(right, of).interval == pytest.approx((peer.low, peer.high), abs=1e-12)
    assert Proportion(right, of).share == right / of


def test_nothing_counted_has_no_share():
    assert Proportion(0, 0).share is None
    assert Proportion(0, 0).interval is None


def test_three_of_three_is_no_certainty():
    low, high = Proportion(3, 3).interval
    assert low < 0.5 and high == 1.0
