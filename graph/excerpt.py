"""A piece of the graph's money in memory, with the scans algorithms project from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graph.model import arrow_schema


@dataclass(frozen=True, slots=True)
class Payment:
    """One transfer, or one exchange into a wallet when `is_coin`. Amounts in minor units, times epoch ms UTC."""

    id: str
    source: str
    target: str
    amount_minor: int
    currency: str
    at_ms: int
    channel: str = ""
    status: str = ""
    received_minor: int | None = None
    received_currency: str | None = None
    is_coin: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """An account as a chase needs it: who holds it, and which institution keeps it."""

    id: str
    kind: str = ""
    institution: str = ""
    name: str = ""
    is_blocked: bool = False


class Excerpt:
    """Accounts and payments; each payment id once. Not thread-safe: made for one question and thrown away."""

    name = "excerpt"

    def __init__(self, holders: Iterable[Holder] = (), payments: Iterable[Payment] = ()) -> None:
        self.holders = {holder.id: holder for holder in holders}
        self.payments = {payment.id: payment for payment in payments}

    def add(self, holders: Iterable[Holder], payments: Iterable[Payment]) -> None:
        """Put more in; what is there stays."""
        for holder in holders:
            self.holders.setdefault(holder.id, holder)
        for payment in payments:
            self.payments.setdefault(payment.id, payment)

    def applied_seq(self) -> int:
        """Changes with the content, so that nothing projected before is taken for current."""
        return len(self.payments) + len(self.holders)

    def scan_nodes(self, label: str, columns: Sequence[str]) -> pa.Table:
        """Accounts, also those only named by a payment, by id."""
        if label != "Account":
            return arrow_schema(label).empty_table().select(list(columns))
        ends = {end for item in self.payments.values() for end in (item.source, () if item.is_coin else item.target)}
        ids = sorted({end for end in ends if isinstance(end, str)} | self.holders.keys())
        known = [self.holders.get(id, Holder(id)) for id in ids]
        rows = {
            "id": ids, "kind": [item.kind or None for item in known],
            "institution": [item.institution or None for item in known], "name": [item.name or None for item in known],
            "is_blocked": [item.is_blocked for item in known],
        }  # fmt: skip
        schema = arrow_schema(label)
        return pa.table(
            {name: pa.array(rows.get(name, [None] * len(ids)), schema.field(name).type) for name in columns}
        )

    def scan_rels(self, type_name: str, columns: Sequence[str], pair: tuple[str, str] | None = None) -> pa.Table:
        """Payments as TRANSFER, exchanges into wallets as EXCHANGED of (Account, Wallet)."""
        coin = type_name == "EXCHANGED"
        wanted = (coin and pair == ("Account", "Wallet")) or type_name == "TRANSFER"
        items = [item for item in self.payments.values() if item.is_coin == coin] if wanted else []
        schema = arrow_schema(type_name)
        return pa.table(
            {
                name: pa.array([_cell(item, name) for item in items], schema.field(name).type)
                for name in ("from_id", "to_id", *columns)
            }
        )


_NAMES = {"from_id": "source", "to_id": "target"}


def _cell(item: Payment, column: str) -> Any:
    value = getattr(item, _NAMES.get(column, column), None)
    return None if value == "" else value
