"""A generated town replayed as a stream: what scoring stops, what the network adds, and that nothing looks ahead."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.clock import DAY_MS
from evaluation.stream import THRESHOLDS, Curve, Point, pooled, replay, reports, score, threshold_for
from evaluation.stream_known import Known
from graph.model import RowSet
from graph.schema import RELS
from loaders import synthetic
from loaders._base import LoadContext
from loaders.town import generate
from scoring.state import State

FEW_ROUNDS = 10 * DAY_MS


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stream") / "town"
    generate(folder, transfers=40_000, seed=8, difficulty="normal")
    return folder


def test_the_curve_stops_gang_money_before_the_second_hop(town, capsys):
    with_network, without = replay(town, network=True, every_ms=FEW_ROUNDS), replay(town, network=False)
    with capsys.disabled():
        print("\nwith the network\n", with_network.frame(), "\nwithout\n", without.frame())
    assert with_network.gang_money_minor == without.gang_money_minor > 0
    assert with_network.at(0.4).second_hop > 0.4 and with_network.at(0.4).honest < 0.05
    more = [a.second_hop - b.second_hop for a, b in zip(with_network.points, without.points, strict=True)]
    assert min(more) > -1e-9 and max(more) > 0, "the network never hides anything, and it finds more"
    falling = [round(point.second_hop, 9) for point in with_network.points]
    assert falling == sorted(falling, reverse=True)
    assert (
        with_network.shipped.second_hop >= with_network.at(0.4).second_hop - 1e-9
    )  # scores and least answers together


def test_no_score_knows_what_comes_later(town):
    """The future is cut away: every transfer before the cut has the score it had with it, detection included."""
    facts = [rows for intake in synthetic.LOADER.read(town, {}, LoadContext()) for rows in intake.facts]
    named = reports(town, facts)
    whole = score(facts, named, network=True, every_ms=FEW_ROUNDS)
    times = np.sort(np.concatenate([rows.table["at_ms"].to_numpy() for rows in facts if rows.type_name == "TRANSFER"]))
    cut_ms = int(times[int(len(times) * 0.7)])
    past = score([before(rows, cut_ms) for rows in facts], [item for item in named if item[0] < cut_ms], network=True,
                 every_ms=FEW_ROUNDS)  # fmt: skip
    assert 0.6 < len(past.ids) / len(whole.ids) < 0.8
    assert past.ids == whole.ids[: len(past.ids)]
    assert np.array_equal(past.scores, whole.scores[: len(past.ids)])
    plain = score(facts, named, network=False)
    assert (whole.scores > plain.scores).sum() > 20, "detection did raise scores, so the cut had something to show"


def before(rows: RowSet, cut_ms: int) -> RowSet:
    """Events before the cut, ties that began before it; nodes as they are."""
    if rows.type_name not in RELS:
        return rows
    since = "at_ms" if RELS[rows.type_name].event else next(
        (name for name in ("since_ms", "first_seen_ms") if name in rows.table.column_names), None
    )  # fmt: skip
    if since is None:
        return rows
    kept = rows.table.filter(pc.fill_null(pc.less(rows.table[since], pa.scalar(cut_ms, pa.int64())), True))
    return RowSet(rows.type_name, kept, rows.from_label, rows.to_label)


def test_what_is_learned_counts_from_its_own_time_on():
    state = State()
    facts = Known([(1000, "A", "D1", "d"), (1000, "B", "D1", "d")], [(5000, "A", 400)], [(2000, "X")])
    facts.learn(state, 1000)
    assert state.accounts == {}
    facts.learn(state, 1001)
    assert set(state.accounts) == {"A", "B"} and state.acc["call_ms"][state.account("A")] == 0
    facts.learn(state, 5001)
    facts.learn(state, 9000)  # nothing twice
    assert state.acc["call_ms"][state.account("A")] == 5000
    assert (facts.reported(2000), facts.reported(2001)) == (set(), {"X"})


def test_a_threshold_is_chosen_by_what_it_costs_honest_people_and_towns_are_pooled_by_weight():
    def curve(honest: int, money: int, share: float) -> Curve:
        points = tuple(Point(at, 0.0, share, 0.02 if at < 0.5 else 0.004) for at in THRESHOLDS)
        return Curve(honest + 10, honest, money, points, points[0])

    both = pooled([curve(100, 1000, 0.5), curve(300, 3000, 0.9)])
    assert both.points[0].second_hop == pytest.approx(0.8) and both.honest == 400
    assert threshold_for(both, 0.01) == 0.5 and threshold_for(both, 0.05) == 0.3
    assert threshold_for(both, 0.001) == THRESHOLDS[-1]
