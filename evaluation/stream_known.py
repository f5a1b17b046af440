"""What a service learns beside the transfers, each from the moment it could know it: devices, addresses, calls, reports, findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from algorithms._base import Algorithm, Params
from evaluation.layered import Scannable
from evaluation.running import Ran, run_all
from graph.model import RowSet
from scoring.feed import LONG_CALL_S
from scoring.state import State
from scoring.suspicion import FIELD, UNSUSPECTED

#: What is learned takes effect at the next of these ticks, never before it happened.
TICK_MS = 900_000


@dataclass
class Known:
    """Facts in time order; `learn` moves the front. A report counts from the next round of detection on."""

    links: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(first seen, account, device or address, `d` or `i`)"""
    calls: list[tuple[int, str, int]] = field(default_factory=list)
    """(end, account, seconds) of long calls with a number never spoken with before"""
    reports: list[tuple[int, str]] = field(default_factory=list)
    """(when, account) of payees that victims named"""

    def __post_init__(self) -> None:
        self.links, self.calls, self.reports = sorted(self.links), sorted(self.calls), sorted(self.reports)
        self._next = [0, 0]

    def learn(self, state: State, until_ms: int) -> None:
        """Tell the state what happened before `until_ms` and was not told yet."""
        place = self._next[0]
        fresh: dict[str, list[tuple[str, str]]] = defaultdict(list)
        while place < len(self.links) and self.links[place][0] < until_ms:
            _, account, thing, kind = self.links[place]
            fresh[kind].append((account, thing))
            place += 1
        self._next[0] = place
        for kind, pairs in fresh.items():
            state.link(pairs, kind)
        place = self._next[1]
        while place < len(self.calls) and self.calls[place][0] < until_ms:
            ended_ms, account, seconds = self.calls[place]
            state.call(account, ended_ms, seconds)
            place += 1
        self._next[1] = place

    def reported(self, until_ms: int) -> set[str]:
        """Accounts named in reports before that time."""
        return {account for at_ms, account in self.reports if at_ms < until_ms}


def known(rowsets: Iterable[RowSet], reports: Iterable[tuple[int, str]]) -> Known:
    """Devices, addresses and calls of a data set, and reports, each with its own time; what has no time is left out."""
    parts = list(rowsets)
    links = [
        (at_ms, account, thing, kind)
        for type_name, label, kind in (("USED_DEVICE", "Device", "d"), ("CONNECTED_FROM", "IP", "i"))
        for account, thing, at_ms in _rows(parts, type_name, ("Account", label), "first_seen_ms").rows()
    ]
    return Known(links, _long_calls(parts), list(reports))


def _long_calls(parts: Sequence[RowSet]) -> list[tuple[int, str, int]]:
    """The first call of two numbers, when it is long, at the accounts that were registered with either by then."""
    phones: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for account, phone, since_ms in _rows(parts, "REGISTERED_WITH", ("Account", "Phone"), "since_ms").rows():
        phones[phone].append((account, since_ms))
    calls = _rows(parts, "CALLED", ("Phone", "Phone"), "at_ms", "duration_s")
    pairs = calls.with_columns(a=pl.min_horizontal("from_id", "to_id"), b=pl.max_horizontal("from_id", "to_id"))
    first = pairs.sort("at_ms").unique(["a", "b"], keep="first", maintain_order=True)
    return [
        (at_ms + seconds * 1000, account, seconds)
        for caller, called, at_ms, seconds in first.select("from_id", "to_id", "at_ms", "duration_s").rows()
        if seconds >= LONG_CALL_S
        for phone in (caller, called)
        for account, since_ms in phones.get(phone, ())
        if since_ms <= at_ms
    ]


def _rows(parts: Sequence[RowSet], type_name: str, pair: tuple[str, str], *columns: str) -> pl.DataFrame:
    names = ["from_id", "to_id", *columns]
    found = [
        pl.DataFrame(pl.from_arrow(rows.table.select(names)))
        for rows in parts
        if rows.type_name == type_name and (rows.from_label, rows.to_label) == pair and len(rows)
    ]
    schema = {"from_id": pl.String, "to_id": pl.String, **dict.fromkeys(columns, pl.Int64)}
    frame = pl.concat(found) if found else pl.DataFrame(schema=schema)
    return frame.drop_nulls()


def detected(base: Scannable, until_ms: int, names: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    """Scores by field and account of a detection that sees only what happened before `until_ms`, as the service runs it."""
    found: dict[str, dict[str, float]] = {}
    for ran in run_all(base, names, until_ms=until_ms, params_of=_as_shipped):
        if ran.algorithm.name in FIELD:
            found[FIELD[ran.algorithm.name]] = _by_account(ran)
    return found


def _by_account(ran: Ran) -> dict[str, float]:
    scores: dict[str, float] = {}
    for item in ran.found:
        for member in item.members:
            if member.label == "Account" and member.role not in UNSUSPECTED:
                value = item.score if member.score is None else member.score
                scores[member.id] = max(scores.get(member.id, 0.0), float(value))
    return scores


def _as_shipped(algorithm: Algorithm) -> Params:
    return algorithm.params()
