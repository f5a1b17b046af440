"""Walking the network: a node, its neighbours, what joins a set of nodes, the ways between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.errors import BadInput, NotFound
from core.message import say
from graph.model import Node, Path, Rel, Subgraph
from graph.queries import between as between_queries
from graph.queries import findings, neighbours, transfers
from graph.queries import node as node_queries
from graph.queries._read import Page, known_rel
from graph.queries.neighbours import Narrow, NeighbourCount, Order
from graph.schema import RELS
from security import audit
from security.roles import Actor, Permission
from usecases import privacy
from usecases.asking import asking
from usecases.auditing import audited, named
from usecases.services import Services

Key = tuple[str, str]
MAX_NEIGHBOURS = 2000
MAX_HOPS = 8
MAX_VIA = 3
MAX_PATHS = 20
#: Longest ids included these fit one audit line, which is cut when it is too long: the rest goes into further lines.
_KEYS_A_LINE = 500
#: Types a way between two nodes may use: a finding joins its members only by our own suggestion.
_WALKED = tuple(name for name in RELS if name != "INVOLVES")

_ALL = Narrow()


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node, the findings that involve it with its role in each, and its neighbours counted."""

    node: Node
    findings: tuple[tuple[Node, str], ...]
    neighbours: tuple[NeighbourCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A time window [from_ms, to_ms) in UTC epoch milliseconds; None leaves a side open."""

    from_ms: int | None = None
    to_ms: int | None = None


def node(services: Services, actor: Actor, label: str, id: str, *, counts: bool = False) -> NodeView:
    """One node with its findings, and its neighbours counted when asked. Raises NotFound, BadInput, NotAllowed."""
    with audited(services, actor, Permission.GRAPH_READ, "node.read", named(label, id)):
        found = _known(services, label, id)
        involved = findings.of_member(services.store, label, id) if label != "Finding" else []
        counted = neighbours.counts(services.store, label, id) if counts else []
        return NodeView(found, tuple(involved), tuple(counted))


def account_transfers(
    services: Services, actor: Actor, id: str, *, direction: str = "both", limit: int = 50, offset: int = 0
) -> Page[Rel]:
    """One page of an account's transfers, latest first. Raises NotAllowed, BadInput."""
    with audited(
        services, actor, Permission.GRAPH_READ, "account.transfers", named("Account", id), offset=offset or None
    ):
        page = transfers.of_account(services.store, id, direction=direction, limit=limit, offset=offset)
        return Page(privacy.rels(page.items), page.total)


def account_statement(
    services: Services, actor: Actor, id: str, *, direction: str = "both", limit: int = 50, offset: int = 0
) -> tuple[Page[Rel], dict[Key, str]]:
    """`account_transfers`, and the names of the accounts at their ends, where they have one."""
    page = account_transfers(services, actor, id, direction=direction, limit=limit, offset=offset)
    ends = dict.fromkeys(end for rel in page.items for end in (rel.start, rel.end))
    named_ends = node_queries.nodes(services.store, ends)
    return page, {node.key: str(node.properties["name"]) for node in named_ends if node.properties.get("name")}


def neighbour_counts(
    services: Services, actor: Actor, label: str, id: str, narrow: Narrow = _ALL
) -> list[NeighbourCount]:
    """How many neighbours a node has by relationship, direction and label.

    Raises NotFound, BadInput, NotAllowed, QueryStopped at the time budget.
    """
    with (
        audited(services, actor, Permission.GRAPH_READ, "node.neighbours", named(label, id)),
        asking(actor, services.settings.explore_seconds),
    ):
        _known(services, label, id)
        return neighbours.counts(services.store, label, id, narrow)


def expand(
    services: Services,
    actor: Actor,
    label: str,
    id: str,
    *,
    rel: str | None = None,
    direction: str | None = None,
    other_label: str | None = None,
    limit: int = 50,
    order: Order = "amount",
    narrow: Narrow = _ALL,
) -> Subgraph:
    """A node with its first `limit` neighbours of each way; what is left out is said.

    Raises NotFound, BadInput, NotAllowed, QueryStopped at the time budget.
    """
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "node.expand", named(label, id), rel=rel, direction=direction,
            other_label=other_label, limit=limit,
        ),
        asking(actor, services.settings.explore_seconds),
    ):  # fmt: skip
        _known(services, label, id)
        return privacy.subgraph(
            neighbours.expand(
                services.store, label, id, rel=rel, direction=direction, other_label=other_label,
                limit=min(limit, MAX_NEIGHBOURS), order=order, narrow=narrow,
            )
        )  # fmt: skip


def between(services: Services, actor: Actor, keys: Sequence[Key], window: Window = Window()) -> Subgraph:
    """These nodes and what joins them; unknown ones are left out and said. Raises BadInput, NotAllowed."""
    listed, asked = [named(*key) for key in keys], f"{len(keys)} nodes"
    with (
        audited(services, actor, Permission.GRAPH_READ, "graph.between", asked, nodes=listed[:_KEYS_A_LINE]),
        asking(actor, services.settings.explore_seconds),
    ):
        for start in range(_KEYS_A_LINE, len(listed), _KEYS_A_LINE):
            more = {"nodes": listed[start : start + _KEYS_A_LINE], "from_node": start + 1}
            audit.record(services.engine, actor, "graph.between", asked, more)
        return privacy.subgraph(joined(services, keys, window))


def joined(services: Services, keys: Sequence[Key], window: Window = Window(), *, limit: int = 5000) -> Subgraph:
    """`between` without check and audit line, for use cases that have their own."""
    found = between_queries.between(services.store, keys, limit=limit, from_ms=window.from_ms, to_ms=window.to_ms)
    missing = len(set(keys)) - len(found.nodes)
    if not missing:
        return found
    lacking = say("{n:,} of {total:,} nodes are not known", n=missing, total=len(set(keys)))
    return Subgraph(found.nodes, found.rels, (*found.omitted, lacking))


@dataclass(frozen=True, slots=True)
class PathOrder:
    """Which ways between two nodes are meant: relationship types (all but INVOLVES when none), direction, nodes to pass."""

    max_hops: int = 6
    directed: bool = False
    rels: tuple[str, ...] = ()
    via: tuple[Key, ...] = ()


def paths(services: Services, actor: Actor, start: Key, end: Key, order: PathOrder = PathOrder()) -> list[Path]:
    """All shortest ways between two nodes, at most 20; with `via`, the shortest ways of each leg put together.

    `max_hops` bounds each leg. Raises NotFound, BadInput, NotAllowed, QueryStopped at the time budget.
    """
    target = f"{named(*start)} - {named(*end)}"
    with (
        audited(
            services, actor, Permission.GRAPH_READ, "graph.paths", target, max_hops=order.max_hops,
            directed=order.directed, rels=list(order.rels), via=[named(*key) for key in order.via],
        ),
        asking(actor, services.settings.explore_seconds),
    ):  # fmt: skip
        for key in (start, *order.via, end):
            _known(services, *key)
        if len(order.via) > MAX_VIA:
            raise BadInput(say("a way passes at most {most} named nodes", most=MAX_VIA), code="bad_path")
        types = tuple(known_rel(name) for name in order.rels) or _WALKED
        stops = (start, *order.via, end)
        ways = [Path((), ())]
        for one, other in pairwise(stops):
            legs = services.store.shortest_paths(
                one, other, types, max_hops=min(order.max_hops, MAX_HOPS), directed=order.directed, limit=MAX_PATHS
            )
            ways = [_joined_ways(way, leg) for way in ways for leg in legs][:MAX_PATHS]
        return [Path(path.nodes, privacy.rels(path.rels)) for path in ways]


def _joined_ways(way: Path, leg: Path) -> Path:
    return Path((*way.nodes[:-1], *leg.nodes), (*way.rels, *leg.rels))


def _known(services: Services, label: str, id: str) -> Node:
    found = node_queries.node(services.store, label, id)
    if found is None:
        raise NotFound(f"there is no {label} {id!r}")
    return found
