"""Features of transfers: known counts on small pictures, plain reference on chance ones, and only the past."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from features_reference import Row, cycles, degree, histogram, scatter_gather
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.features import stream as stream_module
from algorithms.features._arena import Arena
from algorithms.features.spec import HISTORY, Spec
from algorithms.features.stream import Features, FeatureStream, Transfers, plain
from core.errors import BadInput

BINS = (2, 3, 4, 5, 6)
WINDOW = 12
SPEC = Spec(
    stats_windows_s=(WINDOW, 3 * WINDOW), fan_bins=BINS, degree_bins=BINS, scatter_gather_window_s=WINDOW,
    scatter_gather_bins=BINS, temporal_cycle_window_s=WINDOW, temporal_cycle_bins=BINS, cycle_window_s=WINDOW,
    cycle_bins=BINS, cycle_length=4,
)  # fmt: skip


def made(rows: list[Row], spec: Spec = SPEC) -> Features:
    return FeatureStream(spec, 2).update(batch(rows))


def batch(rows: list[Row]) -> Transfers:
    a = np.array(rows, np.int64).reshape(-1, 4)
    return plain(a[:, 0], a[:, 1], a[:, 2] * 1000, a[:, 3])


def chance(seed: int, count: int = 60, accounts: int = 8, *, ties: bool) -> list[Row]:
    dice, at, rows = random.Random(seed), 100, []
    for _ in range(count):
        at += dice.choice((0, 1, 2) if ties else (1, 2))
        payer, payee = dice.sample(range(accounts), 2)
        rows.append((payer, payer if dice.random() < 0.1 else payee, at, dice.choice((1, 5, 100, 10**7))))
    return rows


def counts(found: Features, group: str, row: int = -1) -> list[int]:
    return [int(v) for v, n in zip(found.values[row], found.names, strict=True) if n.startswith(f"{group}:")]


def value(found: Features, name: str, row: int = -1) -> float:
    return float(found.values[row, found.names.index(name)])


RING = [(0, 1, 1, 5), (1, 2, 2, 5), (2, 0, 3, 5)]
BACKWARDS = [(1, 2, 1, 5), (0, 1, 2, 5), (2, 0, 3, 5)]
SPREAD = [(0, 1, 1, 5), (0, 2, 2, 5), (0, 3, 3, 5), (1, 9, 4, 5), (2, 9, 5, 5), (3, 9, 6, 5)]


@pytest.mark.parametrize(
    ("picture", "group", "expected"),
    [
        (RING, "temporal_cycle", [0, 1, 0, 0, 0]),
        (RING, "cycle", [0, 1, 0, 0, 0]),
        (BACKWARDS, "temporal_cycle", [0, 0, 0, 0, 0]),
        (BACKWARDS, "cycle", [0, 1, 0, 0, 0]),
        ([(0, 1, 1, 5), (0, 1, 2, 5), (1, 0, 3, 5)], "cycle", [1, 0, 0, 0, 0]),  # two payments, one cycle
        ([(0, 1, 1, 5), (1, 2, 1, 5), (2, 0, 1, 5)], "temporal_cycle", [0, 0, 0, 0, 0]),  # equal times: no before
        ([(0, 1, 1, 5), (1, 0, 1, 5)], "cycle", [0, 0, 0, 0, 0]),
        ([(0, 1, 1, 5), (1, 0, 1 + WINDOW, 5)], "temporal_cycle", [1, 0, 0, 0, 0]),
        ([(0, 1, 1, 5), (1, 0, 2 + WINDOW, 5)], "temporal_cycle", [0, 0, 0, 0, 0]),
        ([(i, (i + 1) % 5, i, 5) for i in range(5)], "cycle", [0, 0, 0, 0, 0]),  # longer than cycle_length
        (SPREAD, "scatter_gather", [0, 1, 0, 0, 0]),
        (
            [(1, 9, 1, 5), (0, 1, 2, 5), (0, 2, 3, 5), (2, 9, 4, 5)],
            "scatter_gather",
            [1, 0, 0, 0, 0],
        ),  # legs in any order
        ([(0, 1, 1, 5), (0, 2, 2, 5), (1, 0, 3, 5), (2, 0, 4, 5)], "scatter_gather", [0, 0, 0, 0, 0]),
        ([(i, 9, i, 5) for i in range(4)], "fan_in", [0, 0, 1, 0, 0]),
        ([(9, i, i, 5) for i in range(3)], "fan_out", [0, 1, 0, 0, 0]),
        ([(1, 9, i, 5) for i in range(3)], "fan_in", [0, 0, 0, 0, 0]),
        ([(1, 9, i, 5) for i in range(3)], "degree_in", [0, 1, 0, 0, 0]),
    ],
)
def test_known_counts_on_small_pictures(picture: list[Row], group: str, expected: list[int]) -> None:
    assert counts(made(picture), group) == expected


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_patterns_are_those_of_the_definitions(seed: int, ties: bool) -> None:
    rows = chance(seed, ties=ties)
    found = made(rows)
    for i, row in enumerate(rows):
        assert counts(found, "cycle", i) == histogram(cycles(rows, i, WINDOW, 4, temporal=False), BINS)
        assert counts(found, "temporal_cycle", i) == histogram(cycles(rows, i, WINDOW, 64, temporal=True), BINS)
        assert counts(found, "scatter_gather", i) == histogram(scatter_gather(rows, i, WINDOW), BINS)
        if row[0] != row[1]:
            for group, end, distinct in (("fan_in", 1, True), ("fan_out", 0, True), ("degree_in", 1, False)):
                size = degree(rows, i, WINDOW, end, distinct=distinct)
                assert counts(found, group, i) == histogram({size: 1}, BINS)
    assert found.left_out == {"scatter_gather": 0, "temporal_cycle": 0, "cycle": 0, "late": 0}


@pytest.mark.parametrize("seed", range(4))
def test_statistics_are_those_of_scipy(seed: int) -> None:
    from scipy import stats  # a dependency of scikit-learn

    rows = chance(seed, ties=True)
    found = made(rows)
    for i, (payer, payee, at, _) in enumerate(rows):
        for place, window in enumerate(SPEC.stats_windows_s):
            for side, (who, end) in enumerate(((payer, 0), (payer, 1), (payee, 0), (payee, 1))):
                seen = [r for r in rows[: i + 1] if r[0] != r[1] and r[2] > at - window and r[end] == who]
                got = found.values[i, place * 40 + side * 10 :][:10]
                if not seen:
                    assert not got.any()
                    continue
                money, times = np.array([r[3] for r in seen], float), np.array([r[2] for r in seen], float)
                fan, spread = len({r[1 - end] for r in seen}), money.var() > 0
                expected = [
                    fan, len(seen), len(seen) / fan, money.mean(), money.sum(), money.var(),
                    stats.skew(money) if spread else 0, stats.kurtosis(money, fisher=False) if spread else 0,
                    at - times.mean(), times.std(),
                ]  # fmt: skip
                np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [1, 7, 13])
def test_batches_of_any_size_give_equal_values(size: int) -> None:
    rows = chance(5, 200, 10, ties=True)
    stream = FeatureStream(SPEC, 2)
    parts = [stream.update(batch(rows[i : i + size])).values for i in range(0, len(rows), size)]
    assert np.array_equal(np.vstack(parts), made(rows).values)


def test_long_streams_forget_and_give_equal_values(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = chance(6, 6000, 30, ties=True)
    whole = made(rows)
    monkeypatch.setattr(stream_module, "PIECE", 97)
    stream = FeatureStream(SPEC, 1)
    assert np.array_equal(stream.update(batch(rows)).values, whole.values)
    assert len(stream._out.entries[0]) < 12_000


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_lists_never_overlap_or_leave_the_arena(data: st.DataObject) -> None:
    """The kernels do not look where they write: whatever comes, each list must lie in the arena, beside the others."""
    arena, now = Arena(), 0
    arena.widen(40)
    for _ in range(data.draw(st.integers(1, 6))):
        owners = np.array(data.draw(st.lists(st.integers(0, 39), min_size=1, max_size=400)), np.int32)
        if arena.is_short(owners) or data.draw(st.booleans()):
            arena.pack(now - data.draw(st.integers(0, 300)), owners)
        arena.reserve(owners)
        offset, length, capacity, _ = arena.lists
        assert (length + np.bincount(owners, minlength=len(length)) <= capacity).all()
        used = np.flatnonzero(capacity)
        used = used[np.argsort(offset[used])]
        ends = offset[used] + capacity[used]
        assert (ends[:-1] <= offset[used][1:]).all() and ends[-1] <= len(arena.entries[0])
        for owner in owners.tolist():
            arena.entries[1][offset[owner] + length[owner]] = now = now + 1
            length[owner] += 1


def test_one_side_out_of_room_leaves_room_on_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists have slack until they are packed; packed because the other side was full, they must still hold what comes."""
    monkeypatch.setattr(stream_module, "PIECE", 9_000)
    piece = np.arange(9_000)
    payers = np.concatenate([piece % 2_250, piece % 1_800])  # their lists outgrow the arena in the second piece
    payees = 2_250 + np.tile(piece % 200, 2)  # these still fit, until the arena is packed
    n = len(payers)
    found = FeatureStream(Spec(stats_windows_s=(n,)), 1).update(
        plain(payers, payees, np.arange(n) * 1_000, np.full(n, 100))
    )
    for column, ends in ((f"stats:src_out_degree_{n}", payers), (f"stats:dst_in_degree_{n}", payees)):
        degree = found.values[:, found.names.index(column)]
        assert degree.tolist() == [int((ends[: row + 1] == ends[row]).sum()) for row in range(n)]


def test_no_room_is_said_and_nothing_is_written_beside_the_arrays() -> None:
    arena = Arena()
    arena.widen(3)
    with pytest.raises(RuntimeError, match="no room in the lists"):
        arena.reserve(np.zeros(5, np.int32))


@pytest.mark.parametrize("until", [1, 25, 59])
def test_a_row_sees_only_the_past_and_itself(until: int) -> None:
    for ties in (False, True):
        rows = chance(7, ties=ties)
        changed = rows[:until] + [(b, a, at, 3 * money) for a, b, at, money in rows[until:]]
        whole = made(rows).values[:until]
        assert np.array_equal(made(rows[:until]).values, whole)
        assert np.array_equal(made(changed).values[:until], whole)


def test_a_self_transfer_belongs_to_nothing() -> None:
    found = made([(0, 1, 1, 5), (1, 1, 2, 9), (1, 0, 3, 5)])
    assert counts(found, "cycle") == [1, 0, 0, 0, 0]
    assert value(found, f"stats:src_in_degree_{WINDOW}", 1) == value(found, f"stats:dst_in_degree_{WINDOW}", 1) == 1
    assert value(found, f"stats:src_out_degree_{WINDOW}") == 1


def test_a_self_transfer_of_a_busy_account_is_in_no_histogram_though_its_row_tells_both_ends() -> None:
    found = made([(0, 9, 1, 5), (1, 9, 2, 5), (9, 9, 3, 5), (2, 9, 4, 5)])
    for group in ("fan_in", "degree_in", "fan_out", "degree_out"):
        assert counts(found, group, 2) == [0] * len(BINS), group
    assert value(found, f"stats:dst_in_fan_{WINDOW}", 2) == 2
    assert counts(found, "fan_in") == [0, 1, 0, 0, 0]


def test_numbers_out_of_range_are_refused_by_name() -> None:
    stream = FeatureStream(SPEC, 1)
    with pytest.raises(BadInput, match=r"rows: dst of row 1 is -1"):
        stream.update(batch([(0, 1, 1, 5), (1, -1, 2, 5)]))
    rows = batch([(0, 1, 1, 5)])
    with pytest.raises(BadInput, match=r"currency of row 0 is 4096"):
        stream.update(replace(rows, currency=np.array([4096], np.int32)))
    with pytest.raises(BadInput, match="different length"):
        stream.update(replace(rows, amount_minor=np.zeros(2, np.int64)))


def test_currencies_are_never_added() -> None:
    ends = np.array([0, 0, 0], np.int32), np.array([1, 2, 3], np.int32)
    at, amount = np.array([1000, 2000, 3000]), np.array([100, 7, 50])
    money = np.array([0, 1, 0], np.int32)
    found = FeatureStream(SPEC).update(Transfers(*ends, at, amount, money, amount, money))
    assert value(found, f"stats:src_out_sum_{WINDOW}") == 150
    assert value(found, f"stats:src_out_sum_{WINDOW}", 1) == 7
    assert value(found, f"stats:src_out_fan_{WINDOW}") == 3


def test_history_of_a_pair_and_of_an_account() -> None:
    found = made([(0, 1, 10, 100), (1, 2, 15, 95), (0, 1, 20, 100), (1, 0, 22, 50)])
    assert (value(found, "history:pair_count", 2), value(found, "history:pair_since_s", 2)) == (1, 10)
    assert (value(found, "history:reverse_count"), value(found, "history:reverse_since_s")) == (2, 2)
    assert (value(found, "history:src_since_in_s", 1), value(found, "history:src_last_in_ratio", 1)) == (
        5,
        np.float32(0.95),
    )
    assert value(found, "history:src_since_out_s", 0) == -1
    assert value(found, f"flow:covered_share_{WINDOW}", 1) == 1
    assert {f"history:{name}" for name in HISTORY} <= set(found.names)


def test_rows_out_of_order_are_counted_and_taken_as_now() -> None:
    stream = FeatureStream(SPEC)
    stream.update(batch([(0, 1, 50, 5)]))
    found = stream.update(batch([(2, 1, 40, 5)]))
    assert found.left_out["late"] == 1
    assert value(found, f"stats:dst_in_fan_{WINDOW}") == 2


def test_a_hub_costs_no_more_than_its_limit_and_says_so() -> None:
    n = 30_000
    rows = np.arange(n)
    star = plain(rows + 1, np.zeros(n), rows // 100 * 1000, np.full(n, 100))
    spec = Spec(stats_windows_s=(10**6,), scatter_gather_window_s=10**6, temporal_cycle_window_s=10**6, steps=100)
    stream = FeatureStream(spec, 2)
    found = stream.update(star)
    assert value(found, "stats:dst_in_fan_1000000") == n
    back = plain([0, 2], [1, 0], [400_000, 500_000], [5, 5])
    assert stream.update(back).cut["temporal_cycle"].any()


def test_no_rows_and_wrong_numbers() -> None:
    assert FeatureStream(SPEC).update(batch([])).values.shape == (0, len(SPEC.columns))
    with pytest.raises(BadInput, match="src of row 0 is -1, expected 0 or more"):
        FeatureStream(SPEC).update(batch([(-1, 0, 1, 1)]))
    with pytest.raises(ValueError, match="fan_bins"):
        Spec(fan_bins=(3, 2))


def test_columns_as_arrow() -> None:
    table = made(RING).table()
    assert table.column_names == list(SPEC.columns)
    assert len(set(SPEC.columns)) == len(SPEC.columns)
