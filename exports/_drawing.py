"""A subgraph made ready to write: every end exists, ids are unique text, every node has a place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exports._base import ExportMeta
from exports._text import visible
from graph.model import Node, Rel, Subgraph

Key = tuple[str, str]
SPRING_LIMIT = 400
"""Above this many nodes a spiral is used where no position came with the export: a spring layout would take seconds."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes (also ends that the subgraph lacked), relationships, and unique text ids of both."""

    nodes: tuple[Node, ...]
    rels: tuple[Rel, ...]
    node_ids: dict[Key, str]
    rel_ids: tuple[str, ...]


def drawing(subgraph: Subgraph) -> Drawing:
    """Complete `subgraph`: an end that is not among the nodes becomes a bare node; ids are visible, unique text."""
    nodes = {node.key: node for node in subgraph.nodes}
    for rel in subgraph.rels:
        for key in (rel.start, rel.end):
            nodes.setdefault(key, Node(*key))
    node_ids = dict(zip(nodes, _unique(f"{label}:{id_}" for label, id_ in nodes), strict=True))
    rel_ids = tuple(_unique(f"{rel.type}:{rel.id}" for rel in subgraph.rels))
    return Drawing(tuple(nodes.values()), subgraph.rels, node_ids, rel_ids)


def _unique(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    result = []
    for name in names:
        base = text = visible(name)
        number = 1
        while text in seen:
            number += 1
            text = f"{base}#{number}"
        seen.add(text)
        result.append(text)
    return result


def scalar(value: Any) -> str | int | float | bool | None:
    """`value` as one cell: lists and mappings become JSON text, text is made visible, None stays None."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return visible(value)
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def positions(picture: Drawing, meta: ExportMeta) -> dict[Key, tuple[float, float]]:
    """x, y of every node (y upwards), scaled to some thousand units; nodes without a place are laid out, same every time."""
    known = {key: xy for key, xy in meta.positions.items() if all(map(math.isfinite, xy))}
    keys = [node.key for node in picture.nodes]
    if all(key in known for key in keys):
        return _scaled({key: known[key] for key in keys})
    if len(keys) <= SPRING_LIMIT and not known:
        import networkx as nx  # half a second, needed here alone

        graph = nx.Graph()
        graph.add_nodes_from(keys)
        graph.add_edges_from((rel.start, rel.end) for rel in picture.rels)
        laid = nx.spring_layout(graph, seed=7, k=2 / math.sqrt(max(1, len(keys))), iterations=80)
        return _scaled({key: (float(x), float(y)) for key, (x, y) in laid.items()})
    return _scaled({**_spiral([key for key in keys if key not in known], known), **known})


def _spiral(keys: list[Key], around: dict[Key, tuple[float, float]]) -> dict[Key, tuple[float, float]]:
    """A sunflower of `keys`, outside the places already taken."""
    radius = max((math.hypot(x, y) for x, y in around.values()), default=0.0)
    step = radius / 10 or 1.0
    golden = math.pi * (3 - math.sqrt(5))
    return {
        key: ((radius + step * math.sqrt(i + 1)) * math.cos(i * golden), (radius + step * math.sqrt(i + 1)) * math.sin(i * golden))
        for i, key in enumerate(keys)
    }  # fmt: skip


def _scaled(places: dict[Key, tuple[float, float]]) -> dict[Key, tuple[float, float]]:
    """Centred, with an average of about 130 units between neighbours, so that labels stay readable."""
    if not places:
        return {}
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    span = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0
    factor = 190 * max(2.0, math.sqrt(len(places))) / span
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return {
        key: (round((x - middle[0]) * factor, 2), round((y - middle[1]) * factor, 2)) for key, (x, y) in places.items()
    }
