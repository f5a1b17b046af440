"""Ladybug's answers as graph.model objects: nodes, relationships and paths come as dictionaries with marked keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from graph.model import Path
from graph.sentences import node_of, rel_of

#: (table number, row offset) of a node inside the store; never leaves this package.
Internal = tuple[int, int]
#: Finds the business keys of internal ids.
Resolve = Callable[[set[Internal]], Mapping[Internal, tuple[str, str]]]

_MARKS = frozenset({"_ID", "_LABEL", "_SRC", "_DST"})
#: Values that stay what they are. Rows of nothing else, which most are, are not looked through value by value.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def normalise(rows: Sequence[Sequence[Any]], resolve: Resolve) -> tuple[tuple[Any, ...], ...]:
    """Rows with Node, Rel and Path objects, and integers where Ladybug's sums give Decimals.

    A relationship carries internal ids of its ends: they are named from the nodes in the same rows where they
    occur there, else `resolve` is asked once for all of them.
    """
    keys: dict[Internal, tuple[str, str]] = {}
    wanted: set[Internal] = set()
    plain = [_PLAIN.issuperset(map(type, row)) for row in rows]
    for row, bare in zip(rows, plain, strict=True):
        if not bare:
            _collect(row, keys, wanted)
    unknown = wanted - keys.keys()
    if unknown:
        keys.update(resolve(unknown))
    return tuple(
        tuple(row) if bare else tuple(_value(item, keys) for item in row) for row, bare in zip(rows, plain, strict=True)
    )


def _internal(mark: Mapping[str, int]) -> Internal:
    return (mark["table"], mark["offset"])


def _collect(value: Any, keys: dict[Internal, tuple[str, str]], wanted: set[Internal]) -> None:
    if isinstance(value, dict):
        if "_SRC" in value and "_DST" in value:
            wanted.add(_internal(value["_SRC"]))
            wanted.add(_internal(value["_DST"]))
        elif "_LABEL" in value and "_ID" in value:
            keys[_internal(value["_ID"])] = (value["_LABEL"], value.get("id", ""))
        else:
            _collect_all(value.values(), keys, wanted)
    elif isinstance(value, list | tuple):
        _collect_all(value, keys, wanted)


def _collect_all(values: Iterable[Any], keys: dict[Internal, tuple[str, str]], wanted: set[Internal]) -> None:
    for value in values:
        if isinstance(value, dict | list | tuple):
            _collect(value, keys, wanted)


def _properties(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None and name != "id" and name not in _MARKS}


def _value(value: Any, keys: Mapping[Internal, tuple[str, str]]) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [_value(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    if "_NODES" in value and "_RELS" in value:
        nodes = tuple(_value(item, keys) for item in value["_NODES"])
        rels = tuple(_value(item, keys) for item in value["_RELS"])
        # `-[r*1..3]-` alone comes with the inner nodes only; elsewhere it is a list of relationships.
        return Path(nodes, rels) if len(nodes) == len(rels) + 1 else list(rels)
    if "_SRC" in value and "_DST" in value:
        start, end = (keys.get(_internal(value[mark]), ("", "")) for mark in ("_SRC", "_DST"))
        return rel_of(value["_LABEL"], value.get("id") or "", start, end, _properties(value))
    if "_LABEL" in value and "_ID" in value:
        return node_of(value["_LABEL"], value.get("id", ""), _properties(value))
    return {name: _value(item, keys) for name, item in value.items()}
