"""Plain, slow counts of the patterns, straight from their definitions; rows are (payer, payee, time, amount)."""

from __future__ import annotations

from collections import defaultdict

Row = tuple[int, int, int, int]


def degree(rows: list[Row], i: int, window: int, end: int, *, distinct: bool) -> int:
    """Payments (or different neighbours) in (t - window, t] at the payee (`end` 1) or payer (0) of row i."""
    at, who = rows[i][2], rows[i][end]
    seen = [r for r in rows[: i + 1] if r[2] > at - window and r[end] == who and r[0] != r[1]]
    return len({r[1 - end] for r in seen}) if distinct else len(seen)


def cycles(rows: list[Row], i: int, window: int, longest: int, *, temporal: bool) -> dict[int, int]:
    """Cycles that row i closes, by length."""
    payer, payee, at, _ = rows[i]
    ways = defaultdict(list)
    for r in rows[:i]:
        if r[0] != r[1] and at - window <= r[2] < at:
            ways[r[0]].append(r)
    found: set[tuple[int, ...]] = set()

    def go(path: tuple[int, ...], last: float) -> None:
        for r in ways[path[-1]]:
            if temporal and r[2] <= last:
                continue
            if r[1] == payer:
                found.add((*path, payer))
            elif r[1] not in path and len(path) + 2 <= longest:
                go((*path, r[1]), r[2])

    if payer != payee:
        go((payee,), float("-inf"))
    return _by_size(len(path) for path in found)


def scatter_gather(rows: list[Row], i: int, window: int) -> dict[int, int]:
    """Scatter-gathers row i belongs to, by the number of middles."""
    payer, payee, at, _ = rows[i]
    pays, paid = defaultdict(set), defaultdict(set)
    for r in rows[: i + 1]:
        if r[0] != r[1] and r[2] >= at - window:
            pays[r[0]].add(r[1])
            paid[r[1]].add(r[0])
    if payer == payee:
        return {}
    first = [len((pays[payer] & paid[z]) - {payer, z}) for z in pays[payee] if z != payer]
    second = [len((pays[a] & paid[payee]) - {a, payee}) for a in paid[payer] if a != payee]
    return _by_size(size for size in first + second if size >= 2)


def _by_size(sizes: object) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for size in sizes:  # type: ignore[attr-defined]
        found[size] += 1
    return dict(found)


def histogram(counts: dict[int, int], bins: tuple[int, ...]) -> list[int]:
    """Counts in bins; sizes below 2 are no pattern."""
    made = [0] * len(bins)
    for size, count in counts.items():
        if size >= max(2, bins[0]):
            made[max(place for place, least in enumerate(bins) if size >= least)] += count
    return made
