"""Where stolen money is now: how much of it still lies in accounts that a stop-payment order could reach.

Every transfer of the accounts is replayed in order of time. Which part of a payment out is the stolen money is a rule,
not a fact, so the rule is named: `own_first` lets an account spend its own money first (the lowest intermediate balance
rule of tracing in equity, James Roscoe (Bolton) Ltd v Winder [1915] 1 Ch 62), `traced_first` lets the stolen money leave
first, which bounds what is left from below. Under either rule nothing is lost: what was taken is what lies in the
accounts plus what left them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.message import say
from graph.model import Node, Rel
from graph.port import GraphStore
from graph.queries.node import nodes

Rule = Literal["own_first", "traced_first"]
RULES: tuple[Rule, ...] = ("own_first", "traced_first")
#: Transfers of one account that are replayed; an account with more is not judged.
MAX_TRANSFERS = 5000
#: What a replay reads of a transfer.
_READ = ("at_ms", "amount_minor", "currency", "status")
_VOID = frozenset({"refused", "reversed"})
#: Kinds of account that money cannot be stopped in: it has left the banking system.
_GONE = frozenset({"cash"})


@dataclass(frozen=True, slots=True)
class Left:
    """One account: stolen money in, out and still there, in minor units of `currency`, and its balance after all.

    `reachable` says whether a stop-payment order to `institution` could still catch `left_minor`; `why` says why not.
    """

    account_id: str
    name: str
    institution: str
    currency: str
    in_minor: int
    out_minor: int
    left_minor: int
    balance_minor: int | None
    last_ms: int
    reachable: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reachable:
    """What was taken by currency, where it lies, what left the accounts looked at, and what could not be judged."""

    taken: Mapping[str, int]
    accounts: tuple[Left, ...]
    outside: Mapping[str, int]
    rule: Rule
    assumed_opening: int
    """How many accounts have no known opening balance; it was taken as zero."""
    omitted: tuple[str, ...] = ()


def reachable(
    store: GraphStore, victims: Sequence[str], accounts: Sequence[str], *, rule: Rule = "own_first", as_of_ms: int | None = None,
) -> Reachable:  # fmt: skip
    """Replay the transfers of `accounts` up to `as_of_ms` with all that `victims` paid to them taken as stolen."""
    wanted = [id for id in dict.fromkeys(accounts) if id not in set(victims)]
    known = {node.id: node for node in nodes(store, [("Account", id) for id in wanted])}
    rels: dict[str, Rel] = {}
    omitted: list[str] = []
    for id in list(known):
        found = _transfers(store, id, as_of_ms)
        if found is None:
            omitted.append(say("{id} has more than {n:,} transfers and is not judged", id=id, n=MAX_TRANSFERS))
            del known[id]
            continue
        rels.update((rel.id, rel) for rel in found)
    opening = {id: int(node.properties.get("opening_balance_minor") or 0) for id, node in known.items()}
    taint = replay(rels.values(), opening, frozenset(victims), rule)
    rows = [_left(known[id], currency, flow) for (id, currency), flow in taint.accounts.items() if flow.came]
    rows.sort(key=lambda row: (not row.reachable, -row.left_minor, row.account_id))
    assumed = sum(1 for node in known.values() if node.properties.get("opening_balance_minor") is None)
    return Reachable(dict(taint.taken), tuple(rows), dict(taint.outside), rule, assumed, tuple(omitted))


def _transfers(store: GraphStore, id: str, as_of_ms: int | None) -> list[Rel] | None:
    """All transfers of one account, None when there are too many to replay. Only what a replay reads is fetched:
    whole nodes and relationships cost ten times as much.
    """
    until = "" if as_of_ms is None else " AND r.at_ms <= $until"
    params = {"id": id} if as_of_ms is None else {"id": id, "until": as_of_ms}
    found: list[Rel] = []
    for end in ("a", "b"):
        rows = store.query(
            f"MATCH (a:Account)-[r:TRANSFER]->(b:Account) WHERE {end}.id = $id{until} "
            "RETURN a.id AS payer, b.id AS payee, r.id AS id, r.at_ms AS at_ms, r.amount_minor AS amount_minor, "
            f"r.currency AS currency, r.status AS status LIMIT {MAX_TRANSFERS + 1}",
            params,
        ).rows
        found += [
            Rel("TRANSFER", str(row[2]), ("Account", str(row[0])), ("Account", str(row[1])), dict(zip(_READ, row[3:], strict=True)))
            for row in rows
        ]  # fmt: skip
        if len(found) > MAX_TRANSFERS:
            return None
    return found


@dataclass(slots=True)
class Flow:
    """One account in one currency while it is replayed, minor units."""

    balance: int = 0
    traced: int = 0
    came: int = 0
    went: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """The end of a replay, by (account, currency) and by currency."""

    accounts: Mapping[tuple[str, str], Flow]
    taken: Mapping[str, int]
    outside: Mapping[str, int]


def replay(rels: Iterable[Rel], opening: Mapping[str, int], victims: frozenset[str], rule: Rule) -> Replayed:
    """Pure: push every settled transfer through the accounts of `opening`, stolen money marked by `rule`."""
    flows: dict[tuple[str, str], Flow] = {}
    taken: dict[str, int] = defaultdict(int)
    outside: dict[str, int] = defaultdict(int)
    for rel in sorted(rels, key=lambda item: (item.properties["at_ms"], item.id)):
        if str(rel.properties.get("status") or "").lower() in _VOID or rel.start == rel.end:
            continue
        amount, currency = int(rel.properties["amount_minor"]), str(rel.properties["currency"])
        start, end, at = rel.start[1], rel.end[1], int(rel.properties["at_ms"])
        if start in victims:
            marked = amount if end in opening else 0
            taken[currency] += marked
        else:
            marked = _leave(flows, (start, currency), opening, amount, rule, at)
        if end in opening:
            flow = _flow(flows, (end, currency), opening)
            flow.balance += amount
            flow.traced += marked
            flow.came += marked
            flow.last_ms = at
        elif marked:
            outside[currency] += marked
    return Replayed(flows, taken, outside)


def _flow(flows: dict[tuple[str, str], Flow], key: tuple[str, str], opening: Mapping[str, int]) -> Flow:
    return flows.setdefault(key, Flow(balance=opening[key[0]]))


def _leave(
    flows: dict[tuple[str, str], Flow],
    key: tuple[str, str],
    opening: Mapping[str, int],
    amount: int,
    rule: Rule,
    at: int,
) -> int:
    """How much of a payment out is stolen money."""
    if key[0] not in opening:
        return 0
    flow = _flow(flows, key, opening)
    own = max(0, flow.balance - flow.traced)
    marked = min(flow.traced, amount if rule == "traced_first" else max(0, amount - own))
    flow.balance -= amount
    flow.traced -= marked
    flow.went += marked
    flow.last_ms = at
    return marked


def _left(node: Node, currency: str, flow: Flow) -> Left:
    kind = str(node.properties.get("kind") or "")
    why = ""
    if not flow.traced:
        why = "nothing left"
    elif kind in _GONE:
        why = "withdrawn as cash"
    elif node.properties.get("is_blocked"):
        why = "blocked already"
    elif str(node.properties.get("status") or "") in ("frozen", "closed"):
        why = f"account {node.properties['status']}"
    return Left(
        node.id, str(node.properties.get("name") or node.id), str(node.properties.get("institution") or ""), currency,
        flow.came, flow.went, flow.traced, flow.balance, flow.last_ms, not why, why,
    )  # fmt: skip
