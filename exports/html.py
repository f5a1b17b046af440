"""One HTML file that draws the network with no connection, made by pyvis with its holes closed.

pyvis 0.3.2's own page loads from a CDN even with `cdn_resources="in_line"` and puts headings and tooltips in as
markup. Its network data and its copy of vis-network are used here in a page of our own: auto-escaped, titles never
set, data in one inert JSON block, and a content policy that lets exactly two scripts run and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO

from jinja2 import DictLoader, Environment
from markupsafe import Markup
from pyvis.network import Network

from core.clock import iso
from core.money import EXPONENT, show
from exports._base import Exporter, ExportMeta
from exports._drawing import Drawing, drawing, positions, scalar
from exports._html_view import PAGE, SCRIPT, STYLE, WORDS
from exports._style import MONEY_COLOR, MONEY_RELS, REL_COLOR, caption, style_of
from exports._text import visible
from exports.csv_zip import MONIES, TIMES
from graph.model import Rel, Subgraph

_SHAPES = {"circle": "dot", "square": "square", "diamond": "diamond"}
_OPTIONS = {
    "autoResize": True,
    "interaction": {"hover": True, "multiselect": True, "navigationButtons": False, "keyboard": False},
    "physics": {"enabled": False},
    "nodes": {"font": {"size": 13, "face": "system-ui, sans-serif"}, "borderWidth": 1},
    "edges": {"font": {"size": 11, "align": "middle", "strokeWidth": 3}, "smooth": {"enabled": True, "type": "curvedCW", "roundness": 0.12}},
}  # fmt: skip


def write(subgraph: Subgraph, meta: ExportMeta, out: BinaryIO) -> None:
    """Write the page as UTF-8. Parallel relationships of one type are one line with count and total."""
    picture = drawing(subgraph)
    folds = _folded(picture)
    words = WORDS.get(meta.language[:2], WORDS["en"])
    network = _network(picture, positions(picture, meta), folds, meta)
    page = _page_data(network, picture, folds, words)
    network.heading = visible(meta.title)
    environment = Environment(loader=DictLoader({"page": PAGE}), autoescape=True)
    environment.globals.update(
        language="zh" if words is WORDS["zh"] else "en", words=words, policy=_policy(),
        byline=words["by"].format(author=visible(meta.author), at=iso(meta.created_at_ms), seq=meta.data_seq),
        summary=words["summary"].format(nodes=len(picture.nodes), rels=len(picture.rels)),
        omitted=[visible(line) for line in subgraph.omitted], style=Markup(STYLE), script=Markup(SCRIPT),  # noqa: S704
        library=Markup(_library()), data=Markup(_inert(page)),  # noqa: S704
    )  # fmt: skip
    network.templateEnv, network.path = environment, "page"
    out.write(network.generate_html("ringtrace.html").encode("utf-8"))


def _network(
    picture: Drawing, places: Mapping[tuple[str, str], tuple[float, float]], folds: list[list[Rel]], meta: ExportMeta
) -> Network:
    """The pyvis network: directed, physics off, every node placed. Ids are counters, titles are never set."""
    network = Network(height="100%", width="100%", directed=True, cdn_resources="in_line")
    network.set_options(json.dumps(_OPTIONS))
    numbers = {node.key: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        style, (x, y) = style_of(node.label), places[node.key]
        color, size = meta.looks.get(node.key, (style.color, 18 if node.label == "Finding" else 12))
        network.add_node(
            numbers[node.key], label=caption(node, 28), shape=_SHAPES[style.shape], color=color,
            x=x, y=-y, size=size,
        )  # fmt: skip
    for index, rels in enumerate(folds):
        first = rels[0]
        money = first.type in MONEY_RELS
        network.add_edge(
            numbers[first.start], numbers[first.end], id=f"e{index}", label=_line_label(rels),
            color=MONEY_COLOR if money else REL_COLOR, width=min(6, 1 + len(rels).bit_length()) if money else 1,
        )  # fmt: skip
    return network


def _folded(picture: Drawing) -> list[list[Rel]]:
    """Relationships grouped by both ends and type, in order of first appearance."""
    groups: dict[tuple[Any, ...], list[Rel]] = {}
    for rel in picture.rels:
        groups.setdefault((rel.start, rel.end, rel.type), []).append(rel)
    return list(groups.values())


def _line_label(rels: list[Rel]) -> str:
    """What stands on a line: the amount, or count and total of several; the type for a relationship without money."""
    totals: Counter[str] = Counter()
    for rel in rels:
        amount, currency = rel.properties.get("amount_minor"), rel.properties.get("currency")
        if isinstance(amount, int) and currency in EXPONENT:
            totals[str(currency)] += amount
    money = " + ".join(show(amount, currency) for currency, amount in sorted(totals.items()))
    name = money or visible(rels[0].type)
    return name if len(rels) == 1 else f"{len(rels)} × {name}" if not money else f"{len(rels)} × = {name}"


def _page_data(network: Network, picture: Drawing, folds: list[list[Rel]], words: Mapping[str, str]) -> dict[str, Any]:
    """All that the page's script needs, as plain JSON values."""
    names = {node.key: f"{visible(node.label)} {caption(node)}" for node in picture.nodes}
    counts = Counter(node.label for node in picture.nodes)
    return {
        "nodes": network.nodes, "edges": network.edges, "options": network.options, "words": words,
        "index": {f"n{i}": i for i in range(len(picture.nodes))}, "edge_index": {f"e{i}": i for i in range(len(folds))},
        "node_names": [names[node.key] for node in picture.nodes],
        "search": [f"{names[node.key]} {visible(node.id)}".lower() for node in picture.nodes],
        "node_facts": [[["label", visible(node.label)], ["id", visible(node.id)], *_facts(node.properties)] for node in picture.nodes],
        "edge_names": [f"{names[rels[0].start]} → {names[rels[0].end]}: {visible(rels[0].type)}, {_line_label(rels)}" for rels in folds],
        "edge_facts": [[[["type", visible(rel.type)], ["id", visible(rel.id)], *_facts(rel.properties)] for rel in rels] for rels in folds],
        "legend": [
            {"name": visible(label), "count": count, "color": style_of(label).color, "shape": style_of(label).shape, "mark": style_of(label).mark}
            for label, count in sorted(counts.items())
        ],
    }  # fmt: skip


def _facts(properties: Mapping[str, Any]) -> list[list[str]]:
    """Properties as text rows: amounts in major units with currency, times in ISO 8601 UTC."""
    rows = []
    for name, value in properties.items():
        plain = scalar(value)
        if plain is None or name == "id":
            continue
        if name in MONIES and isinstance(plain, int):
            currency = properties.get(
                {"coin_minor": "coin", "received_minor": "received_currency"}.get(name, "currency")
            )
            text = show(plain, str(currency)) if currency in EXPONENT else f"{plain} (minor units)"
        elif name in TIMES and isinstance(plain, int) and abs(plain) < 10**14:
            text = iso(plain)
        else:
            text = str(plain)
        rows.append([visible(name), text])
    return rows


@cache
def _library() -> str:
    """vis-network as shipped inside pyvis, without its source-map line."""
    text = files("pyvis").joinpath("templates/lib/vis-9.1.2/vis-network.min.js").read_text("utf-8")
    return "\n".join(line for line in text.split("\n") if not line.startswith("//# sourceMappingURL"))


@cache
def _policy() -> str:
    """Content policy of the page: the two scripts and the one style by hash, no connection of any kind."""
    scripts = " ".join(f"'sha256-{_sha256(text)}'" for text in (_library(), SCRIPT))
    return f"default-src 'none'; script-src {scripts}; style-src 'sha256-{_sha256(STYLE)}'; img-src data:; base-uri 'none'; form-action 'none'"


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(page: dict[str, Any]) -> str:
    """JSON that cannot end its script element, nor open a comment in it."""
    text = json.dumps(page, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


EXPORTER = Exporter("html", "Web page to share (offline)", "text/html", ".html", write)
