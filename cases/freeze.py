"""The freeze ledger as arithmetic: every fen of an order is ordered, held, set free for return, let go or returned, once.

Pure: entries go in, a balance comes out, and an entry that would break a rule raises Conflict. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cases.order_states import FreezeState, FreezeVerb
from core.clock import HOUR_MS
from core.errors import Conflict

#: A stop lasts 48 hours from its moment (银发〔2016〕86号, 三), and an account has at most two.
STOP_MS = 48 * HOUR_MS
STOPS_PER_ACCOUNT = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happened to how much. `until_ms` is the new end of a freeze."""

    verb: FreezeVerb
    amount_minor: int
    at_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money of one order stands. `frozen = held + for_return + returned + let_go`, and `frozen <= ordered`."""

    state: FreezeState = FreezeState.ORDERED
    ordered_minor: int = 0
    frozen_minor: int = 0
    held_minor: int = 0
    for_return_minor: int = 0
    returned_minor: int = 0
    let_go_minor: int = 0
    until_ms: int | None = None
    is_closed: bool = False

    @property
    def is_sound(self) -> bool:
        """Money is conserved and no part is negative."""
        parts = (self.held_minor, self.for_return_minor, self.returned_minor, self.let_go_minor)
        return min(parts) >= 0 and sum(parts) == self.frozen_minor <= self.ordered_minor


def apply(balance: Balance, entry: Entry) -> Balance:
    """The balance after one entry. Raises Conflict `ledger_rule` naming the rule it would break."""
    if entry.amount_minor < 0 or (entry.amount_minor == 0 and entry.verb not in _WITHOUT_AMOUNT):
        raise _broken(f"an entry '{entry.verb.value}' needs an amount above 0, not {entry.amount_minor}")
    after = _STEPS[entry.verb](balance, entry)
    if not after.is_sound:
        raise _broken("money must be conserved")
    return after


def balance_of(entries: Iterable[Entry]) -> Balance:
    """The balance of a whole ledger, from its first entry on."""
    balance = Balance()
    for entry in entries:
        balance = apply(balance, entry)
    return balance


def _order(now: Balance, entry: Entry) -> Balance:
    if now.ordered_minor:
        raise _broken("an order is written down once")
    return replace(now, ordered_minor=entry.amount_minor)


def _freeze(now: Balance, entry: Entry) -> Balance:
    if now.is_closed or now.state not in (FreezeState.ORDERED, FreezeState.FROZEN):
        raise _broken(f"what is {now.state.value} is not frozen again")
    if now.frozen_minor + entry.amount_minor > now.ordered_minor:
        raise _broken(f"never more than ordered: {now.frozen_minor} + {entry.amount_minor} > {now.ordered_minor}")
    if entry.until_ms is None:
        raise _broken("a freeze has an end")
    until = entry.until_ms if now.until_ms is None else max(now.until_ms, entry.until_ms)
    return replace(
        now, state=FreezeState.FROZEN, frozen_minor=now.frozen_minor + entry.amount_minor,
        held_minor=now.held_minor + entry.amount_minor, until_ms=until,
    )  # fmt: skip


def _extend(now: Balance, entry: Entry) -> Balance:
    if now.state not in (FreezeState.FROZEN, FreezeState.EXTENDED):
        raise _broken(f"what is {now.state.value} cannot be extended")
    if entry.until_ms is None or now.until_ms is None or entry.until_ms <= now.until_ms:
        raise _broken("an extension ends later than before")
    if entry.at_ms >= now.until_ms:
        raise _broken("what has run out cannot be extended")
    return replace(now, state=FreezeState.EXTENDED, until_ms=entry.until_ms)


def _release(now: Balance, entry: Entry) -> Balance:
    return _out(now, entry.amount_minor, entry.amount_minor, 0)


def _let_go(now: Balance, entry: Entry) -> Balance:
    return _out(now, entry.amount_minor, 0, entry.amount_minor)


def _lapse(now: Balance, entry: Entry) -> Balance:
    if now.until_ms is None or entry.at_ms < now.until_ms:
        raise _broken("a freeze lapses at its end, not before")
    if entry.amount_minor != now.held_minor:
        raise _broken(f"all that is held lapses: {now.held_minor}, not {entry.amount_minor}")
    return _let_go(now, entry)


def _out(now: Balance, amount: int, for_return: int, let_go: int) -> Balance:
    if amount > now.held_minor:
        raise _broken(f"only {now.held_minor} is held, not {amount}")
    after = replace(
        now, held_minor=now.held_minor - amount, for_return_minor=now.for_return_minor + for_return,
        let_go_minor=now.let_go_minor + let_go,
    )  # fmt: skip
    return replace(after, state=now.state if after.held_minor else _ended(after))


def _return(now: Balance, entry: Entry) -> Balance:
    if entry.amount_minor > now.for_return_minor:
        raise _broken(f"only {now.for_return_minor} was set free for return, not {entry.amount_minor}")
    after = replace(
        now, for_return_minor=now.for_return_minor - entry.amount_minor,
        returned_minor=now.returned_minor + entry.amount_minor,
    )  # fmt: skip
    return replace(after, state=now.state if now.held_minor else _ended(after))


def _close(now: Balance, _entry: Entry) -> Balance:
    if now.frozen_minor:
        raise _broken("what was frozen is not closed: release it")
    return replace(now, is_closed=True)


def _ended(now: Balance) -> FreezeState:
    return FreezeState.RETURNED if now.returned_minor and not now.for_return_minor else FreezeState.RELEASED


def _broken(rule: str) -> Conflict:
    return Conflict(f"freeze ledger: {rule}", code="ledger_rule")


_WITHOUT_AMOUNT = frozenset({FreezeVerb.EXTEND, FreezeVerb.CLOSE})
_STEPS = {
    FreezeVerb.ORDER: _order, FreezeVerb.FREEZE: _freeze, FreezeVerb.EXTEND: _extend, FreezeVerb.RELEASE: _release,
    FreezeVerb.LET_GO: _let_go, FreezeVerb.LAPSE: _lapse, FreezeVerb.RETURN: _return, FreezeVerb.CLOSE: _close,
}  # fmt: skip
