"""Which payments a lead is about: those between its accounts, or of its accounts with its amounts and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import DAY_MS
from graph.excerpt import Payment
from usecases.trace import MoneySource

#: Without a time in the text, payments of so many days before the report are looked at.
LOOK_BACK_MS = 14 * DAY_MS
NEAR_MS = 2 * 3_600_000
MAX_ACCOUNTS, MAX_SEEDS = 100, 200


@dataclass(frozen=True, slots=True)
class Seeds:
    """The payments and why they were taken: between, amount_out, amount_in, near; empty with `no_account` or `no_payment`."""

    payments: tuple[Payment, ...]
    why: str
    unknown: tuple[str, ...]


def find(
    source: MoneySource, accounts: Sequence[str], amounts: Sequence[int], times: Sequence[int], until_ms: int
) -> Seeds:
    """The reported payments among those up to `until_ms`, of the currency most of them have."""
    asked = list(dict.fromkeys(accounts))[:MAX_ACCOUNTS]
    known = [holder.id for holder in source.holders(asked)] if asked else []
    unknown = tuple(account for account in asked if account not in set(known))
    if not known:
        return Seeds((), "no_account", unknown)
    start = min([*times, until_ms]) - (DAY_MS if times else LOOK_BACK_MS)
    named = set(known)
    seen = {item.id: item for item in source.payments(known, start, until_ms) if not item.is_coin}
    payments = sorted(seen.values(), key=lambda item: (item.at_ms, item.id))
    wanted = set(amounts)
    near = [item for item in payments if any(abs(item.at_ms - at) <= NEAR_MS for at in times)]
    pool = near or payments
    for why, some in (
        ("between", [i for i in pool if {i.source, i.target} <= named and (not wanted or i.amount_minor in wanted)]),
        ("between", [i for i in pool if {i.source, i.target} <= named]),
        ("amount_out", [i for i in pool if i.source in named and i.amount_minor in wanted]),
        ("amount_in", [i for i in pool if i.target in named and i.amount_minor in wanted]),
        ("near", [i for i in near if i.source in named]),
    ):
        if some:
            # of payments between the same two accounts the first names who paid
            payers = {some[0].source} if why == "between" else {item.source for item in some}
            return Seeds(
                _one_currency([item for item in some if item.source in payers or why != "between"]), why, unknown
            )
    return Seeds((), "no_payment", unknown)


def _one_currency(payments: Sequence[Payment]) -> tuple[Payment, ...]:
    most = Counter(item.currency for item in payments).most_common(1)[0][0]
    return tuple(item for item in payments if item.currency == most)[:MAX_SEEDS]
