"""GraphML: read by Gephi, yEd, Cytoscape, networkx. http://graphml.graphdrawing.org/specification.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from lxml import etree

from core.clock import iso
from exports._base import Exporter, ExportMeta
from exports._drawing import drawing, positions, scalar
from exports._style import caption, style_of
from exports._text import visible
from graph.model import Subgraph

_NS = "http://graphml.graphdrawing.org/xmlns"
_TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}
Row = dict[str, str | int | float | bool]


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write a directed GraphML file with typed attributes; absent values are absent, lists are JSON text."""
    picture = drawing(subgraph)
    places = positions(picture, meta)
    node_rows = [
        _row(node.properties, node_label=node.label, key=node.id, label=caption(node), color=style_of(node.label).color,
             x=places[node.key][0], y=places[node.key][1])
        for node in picture.nodes
    ]  # fmt: skip
    rel_rows = [_row(rel.properties, type=rel.type, rel_id=rel.id, label=rel.type) for rel in picture.rels]
    root = etree.Element(f"{{{_NS}}}graphml", nsmap={None: _NS})
    etree.SubElement(root, f"{{{_NS}}}desc").text = _about(subgraph, meta)
    node_keys = _keys(root, "node", node_rows)
    rel_keys = _keys(root, "edge", rel_rows)
    graph = etree.SubElement(root, f"{{{_NS}}}graph", id="ringtrace", edgedefault="directed")
    for node, row in zip(picture.nodes, node_rows, strict=True):
        _data(etree.SubElement(graph, f"{{{_NS}}}node", id=picture.node_ids[node.key]), row, node_keys)
    for rel, text_id, row in zip(picture.rels, picture.rel_ids, rel_rows, strict=True):
        ends = {"source": picture.node_ids[rel.start], "target": picture.node_ids[rel.end]}
        _data(etree.SubElement(graph, f"{{{_NS}}}edge", id=text_id, **ends), row, rel_keys)
    etree.ElementTree(root).write(out, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _row(properties: Mapping[str, Any], **fixed: str | float) -> Row:
    """Attributes of one node or edge; a property named like a fixed one is kept as `p_<name>`."""
    row: Row = {name: visible(value) if isinstance(value, str) else value for name, value in fixed.items()}
    for name, value in properties.items():
        cell = scalar(value)
        if cell is not None and name != "id":
            row[visible(f"p_{name}" if name in fixed else name)] = cell
    return row


def _keys(root: Any, kind: str, rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Declare every attribute with the narrowest type that holds all its values; name -> (key id, type)."""
    types: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            mine = _TYPES[type(value)]
            known = types.setdefault(name, mine)
            if known != mine:
                types[name] = "double" if {known, mine} == {"long", "double"} else "string"
    keys = {}
    for number, (name, type_) in enumerate(types.items()):
        key = f"{kind[0]}{number}"
        etree.SubElement(root, f"{{{_NS}}}key", {"id": key, "for": kind, "attr.name": name, "attr.type": type_})
        keys[name] = (key, type_)
    return keys


def _data(parent: Any, row: Row, keys: dict[str, tuple[str, str]]) -> None:
    for name, value in row.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        etree.SubElement(parent, f"{{{_NS}}}data", key=keys[name][0]).text = text


def _about(subgraph: Subgraph, meta: ExportMeta) -> str:
    """What the file says of itself."""
    parts = [
        meta.title,
        f"by {meta.author}",
        iso(meta.created_at_ms),
        f"data version {meta.data_seq}",
        *subgraph.omitted,
    ]
    return visible(" | ".join(parts))


EXPORTER = Exporter("graphml", "GraphML (Gephi, yEd, Cytoscape)", "application/graphml+xml", ".graphml", write)
