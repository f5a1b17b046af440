"""The driver's answers as graph.model objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from neo4j import Record
from neo4j.graph import Node as DriverNode
from neo4j.graph import Path as DriverPath
from neo4j.graph import Relationship as DriverRel

from graph.model import Path
from graph.schema import NODES
from graph.sentences import node_of, rel_of

Key = tuple[str, str]


def unnamed_ends(records: Iterable[Record]) -> set[str]:
    """Element ids of nodes that the records know only as an end of a relationship."""
    wanted: set[str] = set()
    for record in records:
        for value in record.values():
            _collect(value, wanted)
    return wanted


def _collect(value: Any, wanted: set[str]) -> None:
    if isinstance(value, DriverRel):
        wanted.update(node.element_id for node in value.nodes if node is not None and not node.labels)
    elif isinstance(value, list):
        for item in value:
            _collect(item, wanted)
    elif isinstance(value, dict):
        for item in value.values():
            _collect(item, wanted)


def label_of(labels: Iterable[str]) -> str:
    """The schema's label among a node's labels (analysts may have added others), else the first by name."""
    found = sorted(labels)
    return next((label for label in found if label in NODES), found[0] if found else "")


def value_of(value: Any, keys: Mapping[str, Key]) -> Any:
    """A driver value as plain Python, Node, Rel or Path; `keys` names ends that came without labels."""
    if isinstance(value, DriverPath):
        return Path(
            tuple(value_of(node, keys) for node in value.nodes),
            tuple(value_of(rel, keys) for rel in value.relationships),
        )
    if isinstance(value, DriverNode):
        return node_of(label_of(value.labels), str(value.get("id", "")), _properties(value))
    if isinstance(value, DriverRel):
        start, end = (_end(node, keys) for node in value.nodes)
        return rel_of(value.type, str(value.get("id", "")), start, end, _properties(value))
    if isinstance(value, list):
        return [value_of(item, keys) for item in value]
    if isinstance(value, dict):
        return {name: value_of(item, keys) for name, item in value.items()}
    return value


def _end(node: DriverNode | None, keys: Mapping[str, Key]) -> Key:
    if node is None:
        return ("", "")
    if node.labels:
        return (label_of(node.labels), str(node.get("id", "")))
    return keys.get(node.element_id, ("", ""))


def _properties(value: DriverNode | DriverRel) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != "id"}
