"""One drawing on one sheet, for SVG, PNG and PDF alike: title, network, legend, filters, who made it and when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.clock import to_utc
from core.money import show
from exports._base import ExportMeta
from exports._drawing import drawing, positions
from exports._style import MONEY_COLOR, MONEY_RELS, REL_COLOR, caption, style_of
from exports._text import visible
from graph.model import Node, Rel, Subgraph

WIDTH, HIGH = 1600.0, 1130.0
MARGIN, HEAD, SIDE = 40.0, 90.0, 330.0
INK, DIM, PAPER = "#1a202c", "#5a6778", "#ffffff"
_WORDS = {
    "en": {"nodes": "Nodes", "rels": "Relationships", "filters": "Filters", "none": "no filters", "by": "by", "data": "data version", "limits": "Not shown", "utc": "UTC", "colors": "Colours"},
    "zh": {"nodes": "节点", "rels": "关系", "filters": "筛选", "none": "无筛选", "by": "制作人", "data": "数据版本", "limits": "未显示", "utc": "UTC", "colors": "颜色"},
}  # fmt: skip
_LEGEND_LINES = 26
#: Size of a plain node on the screen.
PLAIN = 12.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; (x, y) is its baseline, `anchor` start or middle."""

    x: float
    y: float
    words: str
    size: float
    color: str = INK
    anchor: str = "start"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A node: circle, square or diamond around (x, y), with its mark inside."""

    x: float
    y: float
    size: float
    color: str
    shape: str
    mark: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from one node to another that ends short of it; the same ends make a loop."""

    x0: float
    y0: float
    x1: float
    y1: float
    color: str
    width: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the sheet in the order of drawing, in points from the upper left."""

    arrows: tuple[Arrow, ...]
    dots: tuple[Dot, ...]
    texts: tuple[Text, ...]
    title: str


def sheet(subgraph: Subgraph, meta: ExportMeta) -> Sheet:
    """Lay out the drawing: parallel relationships of one type are one line, with their number and sum."""
    picture = drawing(subgraph)
    places = _fitted(positions(picture, meta))
    size = max(4.0, min(14.0, 190 / max(1, len(picture.nodes)) ** 0.62))
    dots = [_dot(node, places[node.key], size, meta) for node in picture.nodes]
    arrows, labels = _lines(picture.rels, places, size)
    names = [
        Text(places[node.key][0], places[node.key][1] + size + 11, caption(node, 24), 10, anchor="middle")
        for node in picture.nodes
        if len(picture.nodes) <= 220
    ]
    names += [
        Text(places[key][0], places[key][1] + size + 22, visible(line), 9, anchor="middle", bold=True)
        for key, line in meta.beside.items()
        if key in places and len(picture.nodes) <= 220
    ]
    frame, signs = _frame(subgraph, meta)
    return Sheet(tuple(arrows), (*dots, *signs), (*labels, *names, *frame), visible(meta.title))


def _dot(node: Node, place: tuple[float, float], size: float, meta: ExportMeta) -> Dot:
    """As drawn on the screen where that was given: its size is told against a plain node's there."""
    style = style_of(node.label)
    color, drawn = meta.looks.get(node.key, (style.color, PLAIN))
    return Dot(*place, max(3.0, min(30.0, size * drawn / PLAIN)), color, style.shape, style.mark)


def _fitted(places: dict[tuple[str, str], tuple[float, float]]) -> dict[tuple[str, str], tuple[float, float]]:
    """Places inside the drawing's area; y turned, since paper counts downwards."""
    if not places:
        return {}
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    wide, high = WIDTH - SIDE - 2 * MARGIN - 60, HIGH - HEAD - 2 * MARGIN - 40
    factor = min(wide / max(1.0, max(xs) - min(xs)), high / max(1.0, max(ys) - min(ys)), 2.5)
    left = MARGIN + 30 + (wide - (max(xs) - min(xs)) * factor) / 2
    top = HEAD + MARGIN + (high - (max(ys) - min(ys)) * factor) / 2
    return {key: (left + (x - min(xs)) * factor, top + (max(ys) - y) * factor) for key, (x, y) in places.items()}


def _lines(rels: tuple[Rel, ...], places: dict[tuple[str, str], tuple[float, float]], size: float) -> tuple[list[Arrow], list[Text]]:  # fmt: skip
    folded: dict[tuple[tuple[str, str], str, tuple[str, str]], list[Rel]] = {}
    for rel in rels:
        folded.setdefault((rel.start, rel.type, rel.end), []).append(rel)
    arrows, labels = [], []
    for (start, kind, end), group in folded.items():
        (x0, y0), (x1, y1) = places[start], places[end]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        gap = (size + 2) / length if length > size else 0.0
        color = MONEY_COLOR if kind in MONEY_RELS else REL_COLOR
        arrows.append(Arrow(x0, y0, x1 - (x1 - x0) * gap, y1 - (y1 - y0) * gap, color, 1.2 if len(group) == 1 else 2.0))
        words = visible(_sum(group))
        if words and len(folded) <= 120:
            labels.append(Text((x0 + x1) / 2, (y0 + y1) / 2 - 3, words, 8.5, DIM, "middle"))
    return arrows, labels


def _sum(group: list[Rel]) -> str:
    sums: Counter[str] = Counter()
    for rel in group:
        if isinstance(rel.properties.get("amount_minor"), int):
            sums[str(rel.properties.get("currency", ""))] += rel.properties["amount_minor"]
    words = " + ".join(show(minor, currency) for currency, minor in sums.items())
    return f"{len(group)} × {words}" if words and len(group) > 1 else words


def _frame(subgraph: Subgraph, meta: ExportMeta) -> tuple[list[Text], list[Dot]]:
    """Title above; at the right legend with counts, filters and what is not shown; author, time and data version below."""
    words = _WORDS.get(meta.language[:2], _WORDS["en"])
    made = to_utc(meta.created_at_ms)
    about = (
        f"{words['by']} {visible(meta.author)} · {made:%Y-%m-%d %H:%M} {words['utc']} · {words['data']} {meta.data_seq}"
    )
    texts = [Text(MARGIN, 46, visible(meta.title)[:110], 22, bold=True), Text(MARGIN, 68, about, 11, DIM)]
    lines: list[tuple[str, bool]] = [(words["nodes"], True)]
    lines += [
        (f"{style_of(label).mark}  {meta.names.get(label, label)}  {n:,}", False)
        for label, n in Counter(node.label for node in subgraph.nodes).items()
    ]
    lines += [
        (words["rels"], True),
        *(
            (f"{meta.names.get(kind, kind)}  {n:,}", False)
            for kind, n in Counter(rel.type for rel in subgraph.rels).items()
        ),
    ]
    lines += [(words["filters"], True), *((line, False) for line in meta.filters or (words["none"],))]
    if subgraph.omitted:
        lines += [(words["limits"], True), *((line, False) for line in subgraph.omitted)]
    y = HEAD + MARGIN
    for line, head in _wrapped([(visible(line), head) for line, head in lines])[: _LEGEND_LINES * 2]:
        y += 24 if head else 16
        texts.append(Text(WIDTH - SIDE, y, line, 12 if head else 11, INK if head else DIM, bold=head))
    signs = []
    if meta.colors_said:
        y += 24
        texts.append(Text(WIDTH - SIDE, y, words["colors"], 12, INK, bold=True))
    for color, says in meta.colors_said:
        y += 16
        signs.append(Dot(WIDTH - SIDE + 5, y - 4, 5, color, "circle", ""))
        texts.append(Text(WIDTH - SIDE + 18, y, visible(says), 11, DIM))
    return texts, signs


def _wrapped(lines: list[tuple[str, bool]], width: int = 46) -> list[tuple[str, bool]]:
    """Long lines broken: a Chinese character is as wide as two Latin ones."""
    broken: list[tuple[str, bool]] = []
    for line, head in lines:
        row, taken = "", 0
        for char in line:
            wide = 2 if ord(char) > 0x2E80 else 1
            if taken + wide > width:
                broken.append((row, head))
                row, taken = "", 0
            row, taken = row + char, taken + wide
        broken.append((row, head))
    return broken
