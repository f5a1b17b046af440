"""Columns of money movements: `Moves` for arrays, `Bookings` for movements planned one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.clock import DAY_MS
from loaders.town.dice import Ints
from loaders.town.seasons import DAYS, START_MS


@dataclass(frozen=True, slots=True)
class Moves:
    """Transfers as columns of equal length. Ends are account numbers; `plan` is the booking's number, -1 if ordinary."""

    sender: Ints
    receiver: Ints
    amount_minor: Ints
    at_ms: Ints
    channel: Ints
    memo: Ints
    plan: Ints

    def __len__(self) -> int:
        return len(self.sender)


def moves(
    sender: Ints, receiver: Ints, amount_minor: Ints, at_ms: Ints, channel: Ints | int, memo: Ints | int
) -> Moves:
    """Ordinary transfers; a single channel or memo code holds for all. Rows to oneself are turned away by the caller."""
    count = len(sender)
    return Moves(
        sender, receiver, amount_minor, at_ms,
        np.full(count, channel) if isinstance(channel, int) else channel,
        np.full(count, memo) if isinstance(memo, int) else memo,
        np.full(count, -1),
    )  # fmt: skip


def joined(parts: list[Moves]) -> Moves:
    """All parts as one, sorted by time (stable)."""
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Moves.__slots__]
    order = np.argsort(columns[3], kind="stable")
    return Moves(*(column[order] for column in columns))


@dataclass(slots=True)
class Bookings:
    """Transfers planned one by one, with what the truth says of them. `gang` -1 marks an honest custom."""

    rows: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    truth: list[tuple[int, int, str, int]] = field(default_factory=list)

    def add(
        self, ends: tuple[int, int], amount_minor: int, at_ms: int, codes: tuple[int, int],
        truth: tuple[int, int, str, int] = (-1, -1, "", -1),
    ) -> int:  # fmt: skip
        """Plan one transfer; `codes` are channel and memo, `truth` is (gang, chain, role, layer). Returns its number."""
        self.rows.append((*ends, int(amount_minor), int(at_ms), *codes))
        self.truth.append(truth)
        return len(self.rows) - 1

    def __len__(self) -> int:
        return len(self.rows)

    def by_day(self) -> list[Moves]:
        """The planned transfers of each day, in the order they were planned."""
        table = np.array(self.rows, dtype=np.int64).reshape(-1, 6)
        day = (table[:, 3] - START_MS) // DAY_MS
        order = np.argsort(day, kind="stable")
        cuts = np.searchsorted(day[order], np.arange(DAYS + 1))
        chosen = [order[cuts[day] : cuts[day + 1]] for day in range(DAYS)]
        return [Moves(*[*(table[rows, column] for column in range(6)), rows]) for rows in chosen]
