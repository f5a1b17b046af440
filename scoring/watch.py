"""Lists and overrides as they are asked for every transfer: in memory, by value, with their ends.

Built from table rows by `usecases`; immutable, so that a change swaps the whole picture at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scoring.transfer import Transfer

#: Lists whose accounts are never paid, and lists that only raise the score of who stands on them.
FORBIDDEN = ("illegal", "stop_payment")
WATCHED = ("watch",)
LISTS = (*FORBIDDEN, *WATCHED)
KINDS = ("account", "phone", "device", "ip")
_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Entry:
    """One list entry; `expires_ms` is exclusive."""

    list: str
    kind: str
    value: str
    expires_ms: int = _FOREVER


@dataclass(frozen=True, slots=True)
class Override:
    """An approved exception; an empty payer or payee stands for anyone."""

    payer: str
    payee: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Watch:
    """All entries and overrides in force when it was built."""

    entries: Mapping[tuple[str, str], tuple[Entry, ...]] = field(default_factory=dict)
    overrides: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def forbidden(self, kind: str, value: str, at_ms: int) -> int:
        """On how many lists of what must not be paid it stands."""
        return self._count(kind, value, at_ms, FORBIDDEN)

    def listed(self, kind: str, value: str, at_ms: int) -> int:
        """On how many lists of any kind it stands."""
        return self._count(kind, value, at_ms, LISTS)

    def payer_lists(self, transfer: Transfer, at_ms: int) -> int:
        """Lists that name the payer, its device or its address."""
        if not self.entries:
            return 0
        found = self.listed("account", transfer.payer, at_ms)
        found += self.listed("device", transfer.device, at_ms) if transfer.device else 0
        return found + (self.listed("ip", transfer.ip, at_ms) if transfer.ip else 0)

    def payee_lists(self, transfer: Transfer, at_ms: int) -> int:
        """Lists of accounts that must not be paid and name the payee."""
        return self.forbidden("account", transfer.payee, at_ms) if self.entries else 0

    def overridden(self, transfer: Transfer, at_ms: int) -> bool:
        """Whether an override that has not expired names this payer and payee."""
        if not self.overrides:
            return False
        pairs = ((transfer.payer, transfer.payee), (transfer.payer, ""), ("", transfer.payee))
        return any(self.overrides.get(pair, 0) > at_ms for pair in pairs)

    def bad_accounts(self, at_ms: int) -> list[str]:
        """Accounts on any list: where known-bad distances start."""
        return [value for (kind, value) in self.entries if kind == "account" and self.listed(kind, value, at_ms)]

    def _count(self, kind: str, value: str, at_ms: int, lists: tuple[str, ...]) -> int:
        found = self.entries.get((kind, value))
        return sum(entry.list in lists and entry.expires_ms > at_ms for entry in found) if found else 0


def build(entries: Iterable[Entry], overrides: Iterable[Override]) -> Watch:
    """The picture of these rows."""
    by_value: dict[tuple[str, str], tuple[Entry, ...]] = {}
    for entry in entries:
        key = (entry.kind, entry.value)
        by_value[key] = (*by_value.get(key, ()), entry)
    until: dict[tuple[str, str], int] = {}
    for item in overrides:
        pair = (item.payer, item.payee)
        until[pair] = max(until.get(pair, 0), item.expires_ms)
    return Watch(by_value, until)
