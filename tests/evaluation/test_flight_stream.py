"""A generated day replayed as a stream: scoring stops gang money, few honest transfers, and the network helps."""

from __future__ import annotations

import pytest

from evaluation.stream import replay
from loaders.town import generate


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stream") / "town"
    generate(folder, transfers=60_000, seed=8, difficulty="normal")
    return folder


def test_the_curve_stops_gang_money_before_the_second_hop(town, capsys):
    with_network, without = replay(town, network=True), replay(town, network=False)
    with capsys.disabled():
        print("\nwith the network\n", with_network.frame(), "\nwithout\n", without.frame())
    at = {point.threshold: point for point in with_network.points}
    plain = {point.threshold: point for point in without.points}
    assert with_network.gang_money_minor > 0
    assert at[0.4].second_hop > 0.4 and at[0.4].honest < 0.03
    assert all(at[key].second_hop >= plain[key].second_hop - 1e-9 for key in at), "the network never hides anything"
    assert sum(at[key].second_hop for key in at) > sum(plain[key].second_hop for key in at)
    falling = [round(point.second_hop, 9) for point in with_network.points]
    assert falling == sorted(falling, reverse=True)
