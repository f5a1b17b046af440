"""Ringtrace's own JSON: everything that was on screen, exactly, and readable again by `read`.

`{"format": "ringtrace-graph", "version": 1, "title", "author", "created_at", "data_seq", "omitted": [text], "filters": [text],
"nodes": [{"label", "id", "properties": {}, "x", "y"}], "rels": [{"type", "id", "start": [label, id], "end", "properties"}]}`
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from core.clock import iso
from core.errors import BadInput
from core.strict_json import loads
from exports._base import Exporter, ExportMeta
from exports._text import is_noncharacter
from graph.model import Node, Rel, Subgraph

FORMAT = "ringtrace-graph"
VERSION = 1
_FAR = 1e9


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write the subgraph without loss; characters that cannot be seen are JSON escapes, never raw."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "title": meta.title,
        "author": meta.author,
        "created_at": iso(meta.created_at_ms),
        "data_seq": meta.data_seq,
        "omitted": list(subgraph.omitted),
        "filters": list(meta.filters),
        "nodes": [_node(node, meta) for node in subgraph.nodes],
        "rels": [
            {"type": rel.type, "id": rel.id, "start": list(rel.start), "end": list(rel.end),
             "properties": _plain(dict(rel.properties))}
            for rel in subgraph.rels
        ],
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False, default=str)
    out.write((_escape_hidden(text) + "\n").encode())


@dataclass(frozen=True, slots=True)
class GraphFile:
    """What a file holds: the subgraph, its title, and the places of the nodes that have one."""

    subgraph: Subgraph
    title: str
    places: Mapping[tuple[str, str], tuple[float, float]]


def read(data: bytes) -> GraphFile:
    """What is in a file that `write` made. Raises BadInput for anything else; a place that is none is left out."""
    try:
        document = loads(data, any_text=True)
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise BadInput(f"not a {FORMAT} file of version {VERSION}")
        nodes = tuple(Node(item["label"], item["id"], item["properties"]) for item in document["nodes"])
        rels = tuple(
            Rel(item["type"], item["id"], _key(item["start"]), _key(item["end"]), item["properties"])
            for item in document["rels"]
        )
        places = {
            node.key: (float(item["x"]), float(item["y"]))
            for node, item in zip(nodes, document["nodes"], strict=True)
            if _is_place(item.get("x")) and _is_place(item.get("y"))
        }
        return GraphFile(Subgraph(nodes, rels, tuple(document["omitted"])), str(document.get("title", "")), places)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"not a {FORMAT} file: {type(error).__name__}") from error


def _is_place(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FAR


def _key(pair: list[str]) -> tuple[str, str]:
    label, id_ = pair
    return label, id_


def _node(node: Node, meta: ExportMeta) -> dict[str, Any]:
    item: dict[str, Any] = {"label": node.label, "id": node.id, "properties": _plain(dict(node.properties))}
    place = meta.positions.get(node.key)
    if place and all(map(math.isfinite, place)):
        item["x"], item["y"] = place
    return item


def _plain(value: Any) -> Any:
    """JSON has no NaN or infinity: they become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _escape_hidden(text: str) -> str:
    """Characters outside ASCII that draw nothing or reorder text, as JSON escapes; these occur inside strings only."""
    return re.sub(r"[^\x00-\x7e]", lambda match: _escaped(match.group()), text)


def _escaped(char: str) -> str:
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or is_noncharacter(char)
    return json.dumps(char)[1:-1] if hidden else char


EXPORTER = Exporter("json_graph", "JSON (complete, can be read back)", "application/json", ".json", write)
