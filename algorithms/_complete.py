"""Completes findings before they are written: every one says when, and what speaks against it or that nothing was found to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from algorithms._base import Found
from algorithms._projection import Int64, transfers
from core.message import say
from graph.port import GraphStore

NOTHING_AGAINST = say(
    "Nothing in the data was found to speak against it; salaries, family and business reasons may lie outside the data"
)

NO_REASON = say("No single reason stands out: the score adds up many weak ones")


def completed(found: Iterable[Found], store: GraphStore) -> list[Found]:
    """The findings, each with reasons for and against; one without a time gets that of its accounts' first and last transfer (none where they have none)."""
    whole = [_told(item) for item in found]
    if all(item.starts_ms is not None for item in whole):
        return whole
    table = transfers(store)
    first, last = _span(table.n_accounts, (table.src, table.dst), table.at_ms)
    return [
        item if item.starts_ms is not None else _timed(item, table.number_of(_accounts(item)), first, last)
        for item in whole
    ]


def _told(item: Found) -> Found:
    if item.reasons and item.against:
        return item
    return replace(item, reasons=item.reasons or (NO_REASON,), against=item.against or (NOTHING_AGAINST,))


def _accounts(item: Found) -> list[str]:
    return [member.id for member in item.members if member.label == "Account"]


def _timed(item: Found, numbers: Int64, first: Int64, last: Int64) -> Found:
    known = numbers[numbers >= 0]
    active = known[last[known] >= 0]
    if not len(active):
        return item
    return replace(item, starts_ms=int(first[active].min()), ends_ms=int(last[active].max()))


def _span(count: int, ends: tuple[np.ndarray, ...], at_ms: Int64) -> tuple[Int64, Int64]:  # type: ignore[type-arg]
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, -1, np.int64)
    for numbers in ends:
        np.minimum.at(first, numbers, at_ms)
        np.maximum.at(last, numbers, at_ms)
    return first, last
