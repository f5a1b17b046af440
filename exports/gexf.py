"""GEXF 1.3 for Gephi, with colours, sizes, shapes and places as on screen. https://gexf.net/schema.html"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, BinaryIO

from lxml import etree

from core.clock import to_utc
from exports._base import Exporter, ExportMeta
from exports._drawing import drawing, positions, scalar
from exports._style import MONEY_COLOR, MONEY_RELS, REL_COLOR, caption, rgb, style_of
from exports._text import visible
from graph.model import Node, Rel, Subgraph

_NS = "http://gexf.net/1.3"
_VIZ = "http://gexf.net/1.3/viz"
_TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}
_SHAPES = {"circle": "disc", "square": "square", "diamond": "diamond"}
Values = list[dict[str, str | int | float | bool]]


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write a static, directed GEXF 1.3 file; parallel relationships stay apart, each under its own id."""
    picture = drawing(subgraph)
    places = positions(picture, meta)
    root = etree.Element(f"{{{_NS}}}gexf", nsmap={None: _NS, "viz": _VIZ}, version="1.3")
    _about(root, subgraph, meta)
    graph = etree.SubElement(root, f"{{{_NS}}}graph", defaultedgetype="directed", mode="static", idtype="string")
    node_values = [_values(node, label=node.label, key=node.id) for node in picture.nodes]
    rel_values = [_values(rel, type=rel.type, rel_id=rel.id) for rel in picture.rels]
    node_columns = _columns(graph, "node", node_values)
    rel_columns = _columns(graph, "edge", rel_values)
    degree = Counter(key for rel in picture.rels for key in (rel.start, rel.end))
    most = max((_amount(rel) for rel in picture.rels), default=0)
    nodes = etree.SubElement(graph, f"{{{_NS}}}nodes")
    for node, values in zip(picture.nodes, node_values, strict=True):
        element = etree.SubElement(nodes, f"{{{_NS}}}node", id=picture.node_ids[node.key], label=caption(node))
        _attvalues(element, values, node_columns)
        _look(element, node, places[node.key], degree[node.key], meta)
    edges = etree.SubElement(graph, f"{{{_NS}}}edges")
    for rel, text_id, values in zip(picture.rels, picture.rel_ids, rel_values, strict=True):
        source, target = picture.node_ids[rel.start], picture.node_ids[rel.end]
        about = {
            "id": text_id,
            "source": source,
            "target": target,
            "label": visible(rel.type),
            "kind": visible(rel.type),
        }
        element = etree.SubElement(edges, f"{{{_NS}}}edge", about)
        _attvalues(element, values, rel_columns)
        _color(element, MONEY_COLOR if rel.type in MONEY_RELS else REL_COLOR)
        thickness = 1 + 7 * math.sqrt(_amount(rel) / most) if most else 1.0
        etree.SubElement(element, f"{{{_VIZ}}}thickness", value=f"{thickness:.2f}")
    etree.ElementTree(root).write(out, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _about(root: Any, subgraph: Subgraph, meta: ExportMeta) -> None:
    about = etree.SubElement(root, f"{{{_NS}}}meta", lastmodifieddate=to_utc(meta.created_at_ms).date().isoformat())
    etree.SubElement(about, f"{{{_NS}}}creator").text = visible(meta.author)
    lines = [meta.title, f"data version {meta.data_seq}", *meta.filters, *subgraph.omitted]
    etree.SubElement(about, f"{{{_NS}}}description").text = visible(" | ".join(lines))


def _values(item: Node | Rel, **fixed: str) -> dict[str, str | int | float | bool]:
    """Attribute values of one element; a property named like a fixed one is kept as `p_<name>`."""
    values: dict[str, str | int | float | bool] = {name: visible(value) for name, value in fixed.items()}
    for name, value in item.properties.items():
        cell = scalar(value)
        if cell is not None and name != "id":
            values[visible(f"p_{name}" if name in fixed else name)] = cell
    return values


def _columns(graph: Any, kind: str, rows: Values) -> dict[str, str]:
    """Declare the attributes of nodes or edges; name -> id. Mixed types become string."""
    types: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            mine = _TYPES[type(value)]
            if types.setdefault(name, mine) != mine:
                types[name] = "double" if {types[name], mine} == {"long", "double"} else "string"
    declared = etree.SubElement(graph, f"{{{_NS}}}attributes", {"class": kind, "mode": "static"})
    columns = {name: f"{kind[0]}{number}" for number, name in enumerate(types)}
    for name, column in columns.items():
        etree.SubElement(declared, f"{{{_NS}}}attribute", id=column, title=name, type=types[name])
    return columns


def _attvalues(element: Any, values: dict[str, str | int | float | bool], columns: dict[str, str]) -> None:
    holder = etree.SubElement(element, f"{{{_NS}}}attvalues")
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        etree.SubElement(holder, f"{{{_NS}}}attvalue", {"for": columns[name], "value": text})


def _amount(rel: Rel) -> int:
    value = rel.properties.get("amount_minor")
    return value if isinstance(value, int) else 0


def _look(element: Any, node: Node, place: tuple[float, float], degree: int, meta: ExportMeta) -> None:
    style = style_of(node.label)
    by_links = (14 if node.label == "Finding" else 10) + min(14.0, 2 * math.log2(1 + degree))
    color, size = meta.looks.get(node.key, (style.color, by_links))
    _color(element, color)
    etree.SubElement(element, f"{{{_VIZ}}}position", x=str(place[0]), y=str(place[1]), z="0.0")
    etree.SubElement(element, f"{{{_VIZ}}}size", value=f"{size:.2f}")
    etree.SubElement(element, f"{{{_VIZ}}}shape", value=_SHAPES[style.shape])


def _color(element: Any, color: str) -> None:
    red, green, blue = rgb(color)
    etree.SubElement(element, f"{{{_VIZ}}}color", r=str(red), g=str(green), b=str(blue))


EXPORTER = Exporter("gexf", "GEXF 1.3 (Gephi)", "application/gexf+xml", ".gexf", write)
