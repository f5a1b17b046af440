"""Money transfers: of one account, and the evidence transfers of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.errors import BadInput
from graph.model import Rel
from graph.port import GraphStore
from graph.queries._read import Page, node_of, rel_of, run_each, window


def of_account(
    store: GraphStore,
    account_id: str,
    *,
    direction: str = "both",
    from_ms: int | None = None,
    to_ms: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Page[Rel]:
    """One page of the account's transfers, latest first, and how many there are in the window [from_ms, to_ms).

    `direction` is out, in or both; a transfer to itself counts once. Raises BadInput for other values or a
    negative page.
    """
    if direction not in ("out", "in", "both"):
        raise BadInput(f"unknown direction {direction!r}: use out, in or both", code="unknown_direction")
    if limit < 0 or offset < 0:
        raise BadInput("limit and offset must not be negative", code="bad_limit")
    where, params = window("TRANSFER", from_ms, to_ms)
    total, found = 0, {}
    for arrow in ("out", "in") if direction == "both" else (direction,):
        a = "s" if arrow == "out" else "e"
        # both directions together would read a self-transfer twice
        only = where + (" AND s.id <> e.id" if direction == "both" and arrow == "in" else "")
        match = f"MATCH (s:Account)-[r:TRANSFER]->(e:Account) WHERE {a}.id = $id{only}"
        bound: dict[str, Any] = {**params, "id": account_id}
        total += int(store.query(f"{match} RETURN count(*) AS n", bound).rows[0][0])
        page = f"RETURN s, r, e ORDER BY r.at_ms DESC, r.id LIMIT {int(offset + limit)}"
        for start, value, end in store.query(f"{match} {page}", bound).rows if offset + limit else ():
            rel = rel_of(value, node_of(start).key, node_of(end).key)
            found[rel.id] = rel
    latest = sorted(found.values(), key=lambda rel: (-rel.properties["at_ms"], rel.id))
    return Page(tuple(latest[offset : offset + limit]), total)


def by_ids(store: GraphStore, ids: Iterable[str], accounts: Sequence[str]) -> list[Rel]:
    """Transfers with these ids that start at one of `accounts`, by time.

    The accounts are the way in: relationships have no index by id on Ladybug.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    rows = run_each(
        store,
        "MATCH (a:Account)-[r:TRANSFER]->(b:Account) WHERE a.id = {id} AND r.id IN $wanted",
        "RETURN a, r, b",
        list(dict.fromkeys(accounts)),
        {"wanted": wanted},
    )
    found = [rel_of(value, node_of(start).key, node_of(end).key) for start, value, end in rows]
    return sorted(found, key=lambda rel: (rel.properties["at_ms"], rel.id))
