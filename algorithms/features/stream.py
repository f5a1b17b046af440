"""Features of transfers as they come: each row sees the past and itself, whole or in batches of any size alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms._bounds import equally_long, not_negative, within
from algorithms.features import _index, _rolling
from algorithms.features._arena import Arena, Numbers, grown
from algorithms.features._cycles import cycles
from algorithms.features._scatter_gather import scatter_gather
from algorithms.features.spec import Spec

#: Rows worked on at once; more are cut into pieces of this size.
PIECE = 1 << 17
_QUEUE = 1 << 14
_CURRENCIES = 1 << 12
PATTERNS = ("scatter_gather", "temporal_cycle", "cycle")


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """Rows of one batch: account numbers, UTC epoch ms, amounts in minor units and the numbers of their currencies."""

    src: npt.NDArray[np.int32]
    dst: npt.NDArray[np.int32]
    at_ms: npt.NDArray[np.int64]
    amount_minor: npt.NDArray[np.int64]
    currency: npt.NDArray[np.int32]
    received_minor: npt.NDArray[np.int64]
    received_currency: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.src)

    def part(self, begin: int, end: int) -> Transfers:
        """Rows [begin, end)."""
        return Transfers(*(getattr(self, name)[begin:end] for name in self.__slots__))


def plain(src: Any, dst: Any, at_ms: Any, amount_minor: Any) -> Transfers:
    """Rows in one currency."""
    amount = np.ascontiguousarray(amount_minor, np.int64)
    money = np.zeros(len(amount), np.int32)
    ends = (np.ascontiguousarray(src, np.int32), np.ascontiguousarray(dst, np.int32))
    return Transfers(*ends, np.ascontiguousarray(at_ms, np.int64), amount, money, amount, money)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """One row a transfer, columns as `names`. `left_out` says for how many rows a pattern's counts are a lower bound
    because the search met its limit, and how many came out of order (`late`: their time was taken as the latest seen).
    """

    values: npt.NDArray[np.float32]
    names: tuple[str, ...]
    cut: dict[str, npt.NDArray[np.bool_]]
    late: int

    @property
    def left_out(self) -> dict[str, int]:
        return {**{name: int(rows.sum()) for name, rows in self.cut.items()}, "late": self.late}

    def table(self) -> pa.Table:
        """As Arrow columns."""
        return pa.table({name: self.values[:, place] for place, name in enumerate(self.names)})


class FeatureStream:
    """What has been seen, as far as the windows reach. Not safe for several threads at once; uses `threads` itself.

    Self-transfers belong to no pattern and no statistics: their row shows both ends as they stood before. Amounts of
    different currencies are never added: a side's amounts are those in the currency the transfer has at that end.
    """

    def __init__(self, spec: Spec, threads: int | None = None) -> None:
        self.spec, self.threads = spec, threads or min(8, os.cpu_count() or 1)
        self._out, self._in = Arena(), Arena()
        self._pairs, self._nodes = Numbers(), Numbers()
        self._row, self._latest_ms = 0, 0
        windows = len(spec.stats_windows_s)
        self._windows_ms = np.array(spec.stats_windows_s, np.int64) * 1000
        self._pair_last, self._pair_count = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._pair_places = np.full((2, 0), -1, np.int64)
        self._done, self._head = np.zeros((2, 0), np.int64), np.zeros((windows, 2, 0), np.int64)
        self._fan = np.zeros((windows, 2, 0), np.int64)
        self._sums = np.zeros((windows, 2, 0, _rolling.FIELDS))
        self._memory: Sequence[npt.NDArray[Any]] = [np.zeros(0, np.int64)] * 3 + [np.zeros(0), np.zeros(0, np.int32)]
        self._scratch = [_Scratch() for _ in range(self.threads)]

    def update(self, rows: Transfers) -> Features:
        """Features of these rows, in their order, which is taken as the order they happened in.

        Raises BadInput for an account number below 0 or a currency number not below 4,096, and for columns of different length.
        """
        equally_long("rows", **{name: getattr(rows, name) for name in Transfers.__slots__})
        not_negative("rows", src=rows.src, dst=rows.dst)
        within("rows", _CURRENCIES, currency=rows.currency, received_currency=rows.received_currency)
        out = np.zeros((len(rows), len(self.spec.columns)), np.float32)
        cut = {name: np.zeros(len(rows), np.bool_) for name in PATTERNS if self.spec.start_of(name) >= 0}
        late = 0
        with ThreadPoolExecutor(self.threads) as pool:
            for begin in range(0, len(rows), PIECE):
                end = min(len(rows), begin + PIECE)
                late += self._piece(
                    rows.part(begin, end), out[begin:end], {k: v[begin:end] for k, v in cut.items()}, pool
                )
        return Features(out, self.spec.columns, cut, late)

    def _piece(self, rows: Transfers, out: Any, cut: dict[str, Any], pool: ThreadPoolExecutor) -> int:
        at = np.maximum.accumulate(np.maximum(rows.at_ms, self._latest_ms))
        late = int((at != rows.at_ms).sum())
        packed = self._rows(rows, at)
        arenas = (self._out.lists, self._out.entries, self._in.lists, self._in.entries)
        history = self.spec.start_of("history")
        pairs = (self._pair_last, self._pair_count, *self._pair_places)
        back = self._pairs.known((rows.dst.astype(np.int64) << 32) | rows.src)
        _index.insert(packed, arenas, pairs, back, out, history)
        self._roll(packed, arenas, out, pool)
        self._patterns(packed, arenas, out, cut, pool)
        self._bins(out, rows.src != rows.dst)
        self._row += len(rows)
        self._latest_ms = int(at[-1])
        return late

    def _rows(self, rows: Transfers, at: npt.NDArray[np.int64]) -> tuple[Any, ...]:
        """Make room for the rows and give them in the form the kernels take."""
        self._widen(int(max(rows.src.max(), rows.dst.max())) + 1)
        moving = rows.src != rows.dst
        self._reserve(np.ascontiguousarray(rows.src[moving]), np.ascontiguousarray(rows.dst[moving]))
        pair = self._pairs.of((rows.src.astype(np.int64) << 32) | rows.dst)
        node_out = self._nodes.of(rows.src.astype(np.int64) * _CURRENCIES + rows.currency)
        node_in = self._nodes.of(rows.dst.astype(np.int64) * _CURRENCIES + rows.received_currency)
        self._pair_last, self._pair_count = (
            grown(self._pair_last, self._pairs.used),
            grown(self._pair_count, self._pairs.used),
        )
        self._pair_places = grown(self._pair_places, self._pairs.used, -1)
        if self._sums.shape[2] < self._nodes.used:
            wider = np.zeros((*self._sums.shape[:2], self._nodes.used * 3 // 2 + 16, _rolling.FIELDS))
            wider[:, :, : self._sums.shape[2]] = self._sums
            self._sums = wider
        amount, received = rows.amount_minor.astype(np.float64), rows.received_minor.astype(np.float64)
        return rows.src, rows.dst, at, amount, received, node_out, node_in, pair, self._row

    def _widen(self, n: int) -> None:
        self._out.widen(n)
        self._in.widen(n)
        self._done, self._head, self._fan = grown(self._done, n), grown(self._head, n), grown(self._fan, n)
        self._memory = [grown(part, n, -1) for part in self._memory]
        for scratch in self._scratch:
            scratch.widen(n)

    def _reserve(self, payers: npt.NDArray[np.int32], payees: npt.NDArray[np.int32]) -> None:
        """Room in the lists. Before they forget their oldest entries, the running sums let go of them."""
        if self._out.is_short(payers) or self._in.is_short(payees):
            arenas = (self._out.lists, self._out.entries, self._in.lists, self._in.entries)
            state = (self._done, self._head, self._fan, self._sums)
            _rolling.sweep(arenas, state, self._windows_ms, self._latest_ms, self._row)
            oldest = self._latest_ms - self.spec.longest_ms
            self._out.pack(oldest, payers)
            self._in.pack(oldest, payees)
        self._out.reserve(payers)
        self._in.reserve(payees)

    def _roll(self, packed: tuple[Any, ...], arenas: Any, out: Any, pool: ThreadPoolExecutor) -> None:
        src, dst = packed[0], packed[1]
        order = _rolling.events_of(src, dst, int(max(src.max(), dst.max())) + 1)
        owner = np.where(order & 1, dst[order >> 1], src[order >> 1])
        edges = _borders(owner, self.threads * 4 if len(order) > 4096 else 1)
        state = (self._done, self._head, self._fan, self._sums, tuple(self._memory))
        columns = (self.spec.start_of("stats"), self.spec.start_of("flow"), self.spec.start_of("history"))

        def work(begin: int, end: int) -> None:
            _rolling.roll(order[begin:end], packed, arenas, state, self._windows_ms, columns, out)

        list(pool.map(work, edges[:-1], edges[1:]))

    def _patterns(self, packed: Any, arenas: Any, out: Any, cut: dict[str, Any], pool: ThreadPoolExecutor) -> None:
        spec, count = self.spec, len(packed[0])
        free = list(self._scratch)
        step = max(256, min(4096, count // (self.threads * 8) + 1))

        def work(begin: int) -> None:
            mine = free.pop()
            end = min(count, begin + step)
            for name, window, bins, longest in (
                ("temporal_cycle", spec.temporal_cycle_window_s, spec.temporal_cycle_bins, 64),
                ("cycle", spec.cycle_window_s, spec.cycle_bins, spec.cycle_length),
            ):
                if window:
                    limits = (name == "temporal_cycle", longest, spec.steps)
                    column, ladder = spec.start_of(name), np.array(bins, np.int64)
                    cycles(
                        packed,
                        begin,
                        end,
                        arenas,
                        limits,
                        window * 1000,
                        mine.for_cycles,
                        ladder,
                        column,
                        out,
                        cut[name],
                    )
            if spec.scatter_gather_window_s:
                ladder, column = np.array(spec.scatter_gather_bins, np.int64), spec.start_of("scatter_gather")
                window_ms = spec.scatter_gather_window_s * 1000
                scatter_gather(
                    packed,
                    begin,
                    end,
                    arenas,
                    spec.steps,
                    window_ms,
                    mine.for_legs,
                    ladder,
                    column,
                    out,
                    cut["scatter_gather"],
                )
            free.append(mine)

        if cut:
            list(pool.map(work, range(0, count, step)))

    def _bins(self, out: Any, apart: npt.NDArray[np.bool_]) -> None:
        """Fan and degree histograms from the sizes already there: payee's in, payer's out, first window; none of a self-transfer."""
        for group, size in (("fan_in", 30), ("degree_in", 31), ("fan_out", 0), ("degree_out", 1)):
            bins = np.array(self.spec.fan_bins if group.startswith("fan") else self.spec.degree_bins, np.int64)
            if len(bins):
                which = np.searchsorted(bins, out[:, size], side="right") - 1
                rows = np.flatnonzero(apart & (which >= 0) & (out[:, size] >= 2))
                out[rows, self.spec.start_of(group) + which[rows]] = 1


class _Scratch:
    """Working memory of one thread, as wide as there are accounts."""

    def __init__(self) -> None:
        self.label, self.stamp, self.count = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.on_path, self.queue, self.counter = (
            np.zeros(0, np.bool_),
            np.zeros(_QUEUE, np.int64),
            np.zeros(1, np.int64),
        )

    def widen(self, n: int) -> None:
        """Make room for accounts up to this number."""
        self.label, self.stamp, self.count = grown(self.label, n), grown(self.stamp, n), grown(self.count, n)
        self.on_path = grown(self.on_path, n)

    @property
    def for_cycles(self) -> tuple[Any, ...]:
        return self.label, self.stamp, self.counter, self.on_path, self.queue

    @property
    def for_legs(self) -> tuple[Any, ...]:
        return self.stamp, self.counter, self.count


def _borders(owner: npt.NDArray[np.int32], parts: int) -> list[int]:
    """Places that cut sorted owners into about equal parts, never inside one owner."""
    cuts = {0, len(owner)}
    for part in range(1, parts):
        cuts.add(int(np.searchsorted(owner, owner[len(owner) * part // parts])))
    return sorted(cuts)
