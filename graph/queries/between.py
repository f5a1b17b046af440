"""The relationships among a set of nodes: what an explorer draws between what it already shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.message import say
from graph.model import Rel, Subgraph
from graph.port import GraphStore
from graph.queries._read import Key, Link, inside, links_of, rel_of, run_each
from graph.queries.node import nodes


def between(
    store: GraphStore,
    keys: Iterable[Key],
    *,
    limit: int = 5000,
    from_ms: int | None = None,
    to_ms: int | None = None,
) -> Subgraph:
    """The existing nodes of `keys` (label, id) and the relationships among them, in order of type and id.

    At most `limit` relationships; what was left out is said in `omitted`. The window [from_ms, to_ms) is UTC epoch
    milliseconds. Raises BadInput for a label the schema does not have.
    """
    found = nodes(store, keys)
    wanted = {item.key for item in found}
    rels = {(rel.type, rel.id): rel for rel in _among(store, wanted) if inside(rel, from_ms, to_ms)}
    ordered = [rels[key] for key in sorted(rels)]
    omitted = (
        (say("showing {limit:,} of {total:,} relationships", limit=limit, total=len(ordered)),)
        if len(ordered) > limit
        else ()
    )
    return Subgraph(tuple(found), tuple(ordered[:limit]), omitted)


def _among(store: GraphStore, keys: set[Key]) -> Iterable[Rel]:
    """Relationships with both ends in `keys`, each read from its start, one schema pair at a time: a pattern without
    labels makes Ladybug look into every relationship table for every key.
    """
    ids: dict[str, list[str]] = {}
    for label, key in sorted(keys):
        ids.setdefault(label, []).append(key)
    for label, starts in ids.items():
        for link in links_of(label, direction="out"):
            if link.other in ids:
                yield from _out(store, label, link, starts, ids[link.other])


def _out(store: GraphStore, label: str, link: Link, starts: Sequence[str], ends: Sequence[str]) -> Iterable[Rel]:
    rows = run_each(
        store,
        f"MATCH {link.pattern(label)} WHERE a.id = {{id}} AND b.id IN $others",
        "RETURN a.id, r, b.id",
        starts,
        {"others": list(ends)},
    )
    for start, value, end in rows:
        yield rel_of(value, (label, start), (link.other, end))
