"""One node by its label and business id."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model import Node
from graph.port import GraphStore
from graph.queries._read import Key, known_label, node_of


def node(store: GraphStore, label: str, id: str) -> Node | None:
    """The node, or None when there is none. Raises BadInput for a label the schema does not have."""
    rows = store.query(f"MATCH (n:{known_label(label)}) WHERE n.id = $id RETURN n", {"id": id}).rows
    return node_of(rows[0][0]) if rows else None


def nodes(store: GraphStore, keys: Iterable[Key]) -> list[Node]:
    """The nodes of these keys that exist, each once, in the order of the keys."""
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, Node] = {}
    for label in dict.fromkeys(label for label, _ in wanted):
        ids = [id for of, id in wanted if of == label]
        rows = store.query(
            f"UNWIND $ids AS key MATCH (n:{known_label(label)}) WHERE n.id = key RETURN n", {"ids": ids}
        ).rows
        found.update({(label, item.id): item for item in (node_of(row[0]) for row in rows)})
    return [found[key] for key in wanted if key in found]
