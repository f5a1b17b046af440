"""PDF of the drawing with title, legend, filters, author and date, then the nodes and relationships as lists."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import BinaryIO

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from exports._base import Exporter, ExportMeta
from exports._drawing import scalar
from exports._font import MISSING, face, printable
from exports._sheet import HIGH, WIDTH, Arrow, Dot, Text, sheet
from exports._style import caption, rgb
from graph.model import Rel, Subgraph

#: Rows of a list; more are in the CSV and XLSX exports, which the page says.
MAX_ROWS = 1000
_PAGE_WIDTH = 297.0  # A4 across, in millimetres


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write a PDF without scripts, links or attachments. Without a font for Chinese that is said on the page."""
    page = sheet(subgraph, meta)
    document = FPDF(orientation="landscape", unit="mm", format="A4")
    document.set_title(page.title)
    document.set_author(meta.author)
    document.set_creation_date(datetime.fromtimestamp(meta.created_at_ms / 1000, UTC))
    found = face()
    family = "Helvetica"
    if found:
        family = "sheet"
        document.add_font(family, fname=str(found[0]), collection_font_number=found[1])
    document.set_font(family, size=9)
    document.set_auto_page_break(auto=False)
    document.add_page()
    scale = min(_PAGE_WIDTH / WIDTH, 210 / HIGH)
    for arrow in page.arrows:
        _arrow(document, arrow, scale)
    for dot in page.dots:
        _dot(document, dot, scale, family)
    for text in page.texts if found else (*page.texts, Text(40, HIGH - 20, MISSING, 11)):
        _text(document, text, scale, family)
    _lists(document, subgraph, family)
    out.write(bytes(document.output()))


def _points(size: float, scale: float) -> float:
    return size * scale / 0.3528  # millimetres to typographic points


def _text(document: FPDF, text: Text, scale: float, family: str) -> None:
    document.set_font(family, size=_points(text.size, scale))
    document.set_text_color(*rgb(text.color))
    words = printable(text.words)
    left = text.x * scale - (document.get_string_width(words) / 2 if text.anchor == "middle" else 0)
    document.text(left, text.y * scale, words)


def _arrow(document: FPDF, arrow: Arrow, scale: float) -> None:
    x0, y0, x1, y1 = (value * scale for value in (arrow.x0, arrow.y0, arrow.x1, arrow.y1))
    document.set_draw_color(*rgb(arrow.color))
    document.set_fill_color(*rgb(arrow.color))
    document.set_line_width(arrow.width * scale)
    if (x0, y0) == (x1, y1):
        document.circle(x0, y0 - 2.6, 1.7)
        return
    document.line(x0, y0, x1, y1)
    angle = math.atan2(y1 - y0, x1 - x0)
    wings = [(x1 - 1.3 * math.cos(angle + side), y1 - 1.3 * math.sin(angle + side)) for side in (0.42, -0.42)]
    document.polygon([(x1, y1), *wings], style="F")


def _dot(document: FPDF, dot: Dot, scale: float, family: str) -> None:
    x, y, size = dot.x * scale, dot.y * scale, dot.size * scale
    document.set_fill_color(*rgb(dot.color))
    if dot.shape == "circle":
        document.circle(x, y, size, style="F")
    elif dot.shape == "square":
        document.rect(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7, style="F")
    else:
        reach = size * 1.2
        document.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], style="F")
    if dot.size >= 6:
        document.set_font(family, size=_points(dot.size, scale))
        document.set_text_color(255, 255, 255)
        document.text(x - document.get_string_width(dot.mark) / 2, y + size * 0.36, dot.mark)


def _lists(document: FPDF, subgraph: Subgraph, family: str) -> None:
    """What is drawn as lists: a picture cannot be quoted, an id can."""
    document.set_auto_page_break(auto=True, margin=12)
    document.add_page()
    nodes = [f"{node.label}   {node.id}   {caption(node, 60)}" for node in subgraph.nodes]
    rels = [_rel_line(rel) for rel in subgraph.rels]
    for rows in (nodes, rels):
        document.set_font(family, size=8)
        document.set_text_color(26, 32, 44)
        for row in rows[:MAX_ROWS]:
            document.cell(0, 4.2, printable(row)[:170], new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if len(rows) > MAX_ROWS:
            document.cell(0, 5, f"... {MAX_ROWS:,} of {len(rows):,} rows; the CSV and XLSX exports have all", new_x=XPos.LMARGIN, new_y=YPos.NEXT)  # fmt: skip
        document.ln(3)


def _rel_line(rel: Rel) -> str:
    wanted = ("amount_minor", "currency", "at_ms", "channel", "status")
    facts = "   ".join(f"{name}={scalar(rel.properties[name])}" for name in wanted if name in rel.properties)
    return f"{rel.type}   {rel.id}   {rel.start[0]}:{rel.start[1]} -> {rel.end[0]}:{rel.end[1]}   {facts}"


EXPORTER = Exporter("pdf", "PDF document", "application/pdf", ".pdf", write)
