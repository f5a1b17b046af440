"""SVG of the drawing with title, legend, filters, author and date: text stays text, nothing can run or be fetched."""

from __future__ import annotations

from typing import Any, BinaryIO

from lxml import etree

from exports._base import Exporter, ExportMeta
from exports._sheet import HIGH, PAPER, WIDTH, Arrow, Dot, sheet
from graph.model import Subgraph

_NS = "http://www.w3.org/2000/svg"
_FONT = "'Noto Sans','Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write one SVG 1.1 document without scripts, links or outside references."""
    page = sheet(subgraph, meta)
    root = etree.Element(f"{{{_NS}}}svg", nsmap={None: _NS}, viewBox=f"0 0 {WIDTH:g} {HIGH:g}", width=f"{WIDTH:g}", height=f"{HIGH:g}")  # fmt: skip
    _add(root, "title").text = page.title
    _add(root, "rect", width="100%", height="100%", fill=PAPER)
    _heads(root, {arrow.color for arrow in page.arrows})
    for arrow in page.arrows:
        _arrow(root, arrow)
    for dot in page.dots:
        _dot(root, dot)
    for text in page.texts:
        _add(
            root, "text", x=f"{text.x:.1f}", y=f"{text.y:.1f}", fill=text.color, **{
                "font-size": f"{text.size:g}", "text-anchor": text.anchor, "font-family": _FONT,
                "font-weight": "700" if text.bold else "400",
            },
        ).text = text.words  # fmt: skip
    etree.ElementTree(root).write(out, xml_declaration=True, encoding="UTF-8")


def _add(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{_NS}}}{name}", attributes)


def _heads(root: Any, colors: set[str]) -> None:
    defs = _add(root, "defs")
    for color in sorted(colors):
        marker = _add(defs, "marker", id=f"h{color[1:]}", orient="auto", markerWidth="7", markerHeight="7", refX="6", refY="3.5", markerUnits="userSpaceOnUse")  # fmt: skip
        _add(marker, "path", d="M0,0 L7,3.5 L0,7 z", fill=color)


def _arrow(root: Any, arrow: Arrow) -> None:
    if (arrow.x0, arrow.y0) == (arrow.x1, arrow.y1):
        _add(root, "circle", cx=f"{arrow.x0:.1f}", cy=f"{arrow.y0 - 14:.1f}", r="9", fill="none", stroke=arrow.color)
        return
    _add(
        root, "line", x1=f"{arrow.x0:.1f}", y1=f"{arrow.y0:.1f}", x2=f"{arrow.x1:.1f}", y2=f"{arrow.y1:.1f}", stroke=arrow.color,
        **{"stroke-width": f"{arrow.width:g}", "marker-end": f"url(#h{arrow.color[1:]})"},
    )  # fmt: skip


def _dot(root: Any, dot: Dot) -> None:
    x, y, size = dot.x, dot.y, dot.size
    if dot.shape == "circle":
        _add(root, "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{size:.1f}", fill=dot.color)
    else:
        turn = {"transform": f"rotate(45 {x:.1f} {y:.1f})"} if dot.shape == "diamond" else {}
        _add(root, "rect", x=f"{x - size * 0.85:.1f}", y=f"{y - size * 0.85:.1f}", width=f"{size * 1.7:.1f}", height=f"{size * 1.7:.1f}", fill=dot.color, **turn)  # fmt: skip
    if size >= 6:
        _add(root, "text", x=f"{x:.1f}", y=f"{y + size * 0.35:.1f}", fill=PAPER, **{
            "font-size": f"{size:.1f}", "text-anchor": "middle", "font-family": _FONT, "font-weight": "700"}).text = dot.mark  # fmt: skip


EXPORTER = Exporter("svg", "SVG picture", "image/svg+xml", ".svg", write)
