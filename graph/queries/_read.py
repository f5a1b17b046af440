"""What the questions share: names checked against the schema, time windows, and values read back with their keys.

Labels and relationship types cannot be parameters in Cypher; every one that reaches a query text comes from
graph/schema.py through `known_label` and `links_of`, never from what a person typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from core.errors import BadInput
from core.message import Said, say
from graph import sentences
from graph.model import Node, Rel, columns_of
from graph.port import GraphStore
from graph.schema import NODES, RELS, RelType

Direction = Literal["out", "in"]
Key = tuple[str, str]
T = TypeVar("T")
#: Past so many ids one scan of a relationship table costs Ladybug less than a query for each id.
MANY = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list and the number of items in the whole list."""

    items: tuple[T, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Link:
    """One way out of a label: relationship type, direction as seen from the label, label at the other end."""

    rel: str
    direction: Direction
    other: str

    def pattern(self, label: str) -> str:
        """Cypher pattern from `a` (of `label`) over `r` to `b`, arrow drawn as the schema has it."""
        if self.direction == "out":
            return f"(a:{label})-[r:{self.rel}]->(b:{self.other})"
        return f"(a:{label})<-[r:{self.rel}]-(b:{self.other})"


def direction_said(direction: Direction) -> Said:
    """The direction as a word of a sentence."""
    return say("out") if direction == "out" else say("in")


def known_label(label: str) -> str:
    """`label` itself when the schema has it. Raises BadInput otherwise."""
    if label not in NODES:
        raise BadInput(f"unknown node type {label!r}: use one of {', '.join(NODES)}", code="unknown_label")
    return label


def known_rel(rel: str) -> str:
    """`rel` itself when the schema has it. Raises BadInput otherwise."""
    if rel not in RELS:
        raise BadInput(f"unknown relationship {rel!r}: use one of {', '.join(RELS)}", code="unknown_relationship")
    return rel


def links_of(
    label: str, *, rel: str | None = None, direction: str | None = None, other_label: str | None = None
) -> list[Link]:
    """Every way out of `label` the schema allows, narrowed by the given filters. Raises BadInput for unknown names."""
    known_label(label)
    if direction not in (None, "out", "in"):
        raise BadInput(f"unknown direction {direction!r}: use out or in", code="unknown_direction")
    rels = [RELS[known_rel(rel)]] if rel else list(RELS.values())
    if other_label:
        known_label(other_label)
    links = [Link(item.name, "out", end) for item in rels for start, end in item.pairs if start == label]
    links += [Link(item.name, "in", start) for item in rels for start, end in item.pairs if end == label]
    return [link for link in links if direction in (None, link.direction) and other_label in (None, link.other)]


def has(rel: RelType, name: str) -> bool:
    """Whether the relationship type carries this property."""
    return any(prop.name == name for prop in rel.columns)


def window(rel: str, from_ms: int | None, to_ms: int | None) -> tuple[str, dict[str, int]]:
    """Condition ` AND ...` on `r` for [from_ms, to_ms) and its parameters; empty for no window or a timeless type.

    Events must have happened inside it; a state seen from first to last must overlap it.
    """
    kind = RELS[rel]
    if has(kind, "at_ms"):
        lower, upper = "r.at_ms", "r.at_ms"
    elif has(kind, "first_seen_ms"):
        lower, upper = "coalesce(r.last_seen_ms, $from_ms)", "coalesce(r.first_seen_ms, $to_ms - 1)"
    else:
        return "", {}
    text, params = "", {}
    if from_ms is not None:
        text, params["from_ms"] = f" AND {lower} >= $from_ms", from_ms
    if to_ms is not None:
        text, params["to_ms"] = f"{text} AND {upper} < $to_ms", to_ms
    return text, params


def inside(rel: Rel, from_ms: int | None, to_ms: int | None) -> bool:
    """The same window as `window`, decided in Python on a relationship already read."""
    first = rel.properties.get("at_ms", rel.properties.get("first_seen_ms"))
    last = rel.properties.get("at_ms", rel.properties.get("last_seen_ms"))
    if from_ms is not None and last is not None and last < from_ms:
        return False
    return not (to_ms is not None and first is not None and first >= to_ms)


def node_of(value: Any) -> Node:
    """A node column as `Node`."""
    if not isinstance(value, Node):
        raise TypeError(f"expected a node column, got {type(value).__name__}")
    return value


def rel_of(value: Any, start: Key, end: Key) -> Rel:
    """A relationship column as `Rel` with the keys of both ends (return both end nodes beside it: else the stores look each end up)."""
    if not isinstance(value, Rel):
        raise TypeError(f"expected a relationship column, got {type(value).__name__}")
    return replace(value, start=start, end=end)


def columns(variable: str, type_name: str) -> str:
    """Every stored property of a node or relationship as a column of its own, for `node_from` and `rel_from`.

    A store hands out single values at half the cost of whole nodes and relationships (200 transfers with their other
    ends on Ladybug: 7 ms, not 14).
    """
    return ", ".join(f"{variable}.{prop.name}" for prop in columns_of(type_name))


def node_from(label: str, values: Sequence[Any]) -> Node:
    """The node whose `columns` these values are."""
    id, properties = _named(label, values)
    return sentences.node_of(label, id, properties)


def rel_from(type_name: str, values: Sequence[Any], start: Key, end: Key) -> Rel:
    """The relationship whose `columns` these values are."""
    id, properties = _named(type_name, values)
    return sentences.rel_of(type_name, id, start, end, properties)


def _named(type_name: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    found = {prop.name: value for prop, value in zip(columns_of(type_name), values, strict=True) if value is not None}
    return str(found.pop("id", "")), found


def run_each(
    store: GraphStore, match: str, returns: str, ids: Sequence[str], params: Mapping[str, Any]
) -> Iterable[tuple[Any, ...]]:
    """Rows of `match ... WHERE a.id = <one of ids> ... returns` for all ids, in the store's fast way.

    `match` holds the place `{id}`. Neo4j takes all ids in one UNWIND; on Ladybug the same text scans the whole
    relationship table (115 ms at 500,000 transfers), a point query for each id does not (0.2 ms each), so that
    Ladybug gets point queries up to MANY ids and the scan for more.
    """
    if not ids:
        return
    if store.name == "neo4j" or len(ids) > MANY:
        text = f"UNWIND $ids AS key {match.replace('{id}', 'key')} {returns}"
        yield from store.query(text, {**params, "ids": list(ids)}).rows
        return
    text = f"{match.replace('{id}', '$key')} {returns}"
    for key in ids:
        yield from store.query(text, {**params, "key": key}).rows
