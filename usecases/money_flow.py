"""Following money from the canvas: where it went, where it came from, and what a stop-payment order could still catch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.errors import BadInput
from core.message import say
from graph.model import Subgraph
from graph.queries import reachable as queries
from graph.queries import trace as trace_queries
from graph.queries.reachable import RULES, Reachable, Rule
from graph.queries.trace import TraceOrder
from security.roles import Actor, Permission
from usecases import privacy
from usecases.asking import asking
from usecases.auditing import audited, named
from usecases.services import Services

Key = tuple[str, str]
MAX_STARTS = 50
MAX_ACCOUNTS = 500
MAX_NODES = 2000


def trace(services: Services, actor: Actor, starts: Sequence[Key], order: TraceOrder) -> Subgraph:
    """Follow money down or up from these accounts and wallets; each node says its layer, every cut is said.

    Raises NotAllowed, BadInput, QueryStopped at the time budget.
    """
    listed = [named(*key) for key in starts]
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "money.trace", f"{len(starts)} starts", starts=listed,
            direction=order.direction, hops=order.hops, each=order.each,
        ),
        asking(actor, services.settings.explore_seconds),
    ):  # fmt: skip
        if not 1 <= len(starts) <= MAX_STARTS:
            raise BadInput(say("follow money from 1 to {most} nodes at a time", most=MAX_STARTS), code="bad_trace")
        bounded = replace(order, max_nodes=min(order.max_nodes, MAX_NODES), each=min(order.each, 200))
        return privacy.subgraph(trace_queries.trace(services.store, starts, bounded))


def reachable(
    services: Services, actor: Actor, victims: Sequence[str], accounts: Sequence[str], *, rule: Rule = "own_first",
    as_of_ms: int | None = None,
) -> Reachable:  # fmt: skip
    """Where the money of these victims lies now among these accounts, and whether it can still be stopped.

    Raises NotAllowed, BadInput, QueryStopped at the time budget.
    """
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "money.reachable", f"{len(accounts)} accounts",
            victims=list(victims), accounts=list(accounts)[:MAX_ACCOUNTS], rule=rule,
        ),
        asking(actor, services.settings.explore_seconds),
    ):  # fmt: skip
        if rule not in RULES:
            raise BadInput(f"unknown rule {rule!r}: use {', '.join(RULES)}", code="bad_rule")
        if not victims or not 1 <= len(accounts) <= MAX_ACCOUNTS:
            raise BadInput(
                say("name at least one victim and 1 to {most} accounts", most=MAX_ACCOUNTS), code="bad_reachable"
            )
        return queries.reachable(services.store, victims, accounts, rule=rule, as_of_ms=as_of_ms)
