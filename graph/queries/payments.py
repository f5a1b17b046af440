"""Payments in and out of some accounts in a time window, and who holds the accounts: what a chase reads hop by hop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from graph.excerpt import Holder, Payment
from graph.port import GraphStore
from graph.queries._read import MANY, run_each

_RETURNS = (
    "RETURN r.id, a.id, b.id, r.amount_minor, r.currency, r.at_ms, r.channel, r.status, r.received_minor, "
    "r.received_currency"
)
_OUT = "MATCH (a:Account)-[r:TRANSFER]->(b:Account) WHERE a.id = {id} AND r.at_ms >= $from_ms AND r.at_ms <= $to_ms"
_IN = "MATCH (a:Account)-[r:TRANSFER]->(b:Account) WHERE b.id = {id} AND r.at_ms >= $from_ms AND r.at_ms <= $to_ms"
_COIN = "MATCH (a:Account)-[r:EXCHANGED]->(b:Wallet) WHERE a.id = {id} AND r.at_ms >= $from_ms AND r.at_ms <= $to_ms"
#: Money that never arrived, or went back, is no payment.
_NOT_MOVED = ("refused", "reversed")


def of_accounts(store: GraphStore, ids: Sequence[str], from_ms: int, to_ms: int) -> Iterator[Payment]:
    """All payments of these accounts in [from_ms, to_ms], both directions, and their exchanges into coin.

    One between two of the accounts comes twice: keep each id once.
    """
    window = {"from_ms": from_ms, "to_ms": to_ms}
    for some in _chunks(ids):
        for match in (_OUT, _IN):
            for row in run_each(store, match, _RETURNS, some, window):
                if row[7] not in _NOT_MOVED:
                    yield _payment(row)
        coin = "RETURN r.id, a.id, b.id, r.amount_minor, r.currency, r.at_ms"
        for row in run_each(store, _COIN, coin, some, window):
            yield replace(_payment((*row, None, None, None, None)), is_coin=True)


def holders(store: GraphStore, ids: Iterable[str]) -> list[Holder]:
    """The accounts of these ids that exist, with the institution and the holder's name where either is known.

    The name is the one kept with the account, else the owner's.
    """
    wanted = list(dict.fromkeys(ids))
    rows = store.query(
        "UNWIND $ids AS key MATCH (a:Account) WHERE a.id = key RETURN a.id, a.kind, a.institution, a.name, a.is_blocked",
        {"ids": wanted},
    ).rows
    nameless = [row[0] for row in rows if not row[3]]
    keepers = dict(_related(store, [row[0] for row in rows if not row[2]], "(a:Account)-[:HELD_AT]->(o:Organization)"))
    owners = dict(_related(store, nameless, "(a:Account)<-[:OWNS]-(o:Organization)"))
    owners |= dict(_related(store, nameless, "(a:Account)<-[:OWNS]-(o:Person)"))
    return [
        Holder(id, kind or "", institution or keepers.get(id, ""), name or owners.get(id, ""), bool(blocked))
        for id, kind, institution, name, blocked in rows
    ]


def _related(store: GraphStore, ids: Sequence[str], pattern: str) -> Iterator[tuple[str, str]]:
    for some in _chunks(ids):
        yield from (
            (str(row[0]), str(row[1]))
            for row in run_each(
                store, f"MATCH {pattern} WHERE a.id = {{id}}", "RETURN a.id, coalesce(o.name, o.id)", some, {}
            )
        )


def _payment(row: tuple[object, ...]) -> Payment:
    id, source, target, amount, currency, at_ms, channel, status, received, received_currency = row
    return Payment(
        str(id), str(source), str(target), int(str(amount)), str(currency), int(str(at_ms)), str(channel or ""),
        str(status or ""), None if received is None else int(str(received)),
        None if received_currency is None else str(received_currency),
    )  # fmt: skip


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    # past MANY ids a store scans all relationships, which on millions costs more than the point queries
    for start in range(0, len(ids), MANY):
        yield ids[start : start + MANY]
