"""Exports of what is on screen: read anew from the graph, never taken from the browser."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.clock import now_ms, to_utc
from core.errors import BadInput, NotFound
from core.message import Translate, say
from exports._base import Exporter, ExportMeta, catalog
from graph.model import Subgraph
from graph.queries import node as node_queries
from graph.sentences import subgraph_in
from security.roles import Actor, Permission
from usecases import privacy, reach_notes, standing_notes
from usecases.auditing import audited, named
from usecases.explore import Key, Window, joined
from usecases.reach_notes import ReachNotes, ReachOrder
from usecases.services import Services

MAX_NODES = 5000
OWN_FORMAT = "json_graph"
"""Our own file is data, which does not change with who saves it."""
SUGGESTION = {
    "en": "Findings, their roles and scores are suggestions of algorithms until a person adopts them.",
    "zh": "发现及其角色与评分均为算法建议，须经人工采纳方可作为结论。",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What to export: nodes by key, optionally only some relationships, where things were drawn, a title."""

    keys: Sequence[Key]
    title: str
    rel_ids: frozenset[str] | None = None
    positions: Mapping[Key, tuple[float, float]] = field(default_factory=dict)
    window: Window = Window()  # noqa: RUF009 frozen
    language: str = "en"
    filters: tuple[str, ...] = ()
    """What was filtered when the file was asked for, in the reader's words: it stands in the file's legend."""
    findings: tuple[str, ...] = ()
    """Findings the drawing is of, by id, when they are no nodes of it."""
    looks: Mapping[Key, tuple[str, float]] = field(default_factory=dict)
    """Colour and size as drawn, where a style says more than the label."""
    colors_said: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Labels and relationship types in the reader's language, for legends."""
    translate: Translate = str
    """Says findings' sentences in the reader's language."""
    reach: ReachOrder | None = None
    """With what a stop-payment order could still reach, when the drawing shows it."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A finished export."""

    name: str
    media_type: str
    content: bytes


def formats(actor: Actor) -> list[Exporter]:
    """Every format on offer, by name. Raises NotAllowed."""
    actor.need(Permission.GRAPH_EXPORT)
    return list(catalog().values())


def export(services: Services, actor: Actor, format: str, order: ExportOrder) -> ExportFile:
    """Write these nodes and what joins them in one format.

    Raises NotFound for an unknown format or when no node is known, BadInput over MAX_NODES, NotAllowed.
    """
    listed = [named(*key) for key in order.keys[:MAX_NODES]]  # all: what left the house must be on record
    with audited(
        services, actor, Permission.GRAPH_EXPORT, "graph.export", format, nodes=listed, count=len(order.keys),
        title=order.title,
    ) as said:  # fmt: skip
        exporter = catalog().get(format)
        if exporter is None:
            raise NotFound(f"there is no export format {format!r}: use {', '.join(catalog())}")
        if not 1 <= len(set(order.keys)) <= MAX_NODES:
            raise BadInput(say("export 1 to {most} nodes at a time", most=MAX_NODES), code="export_size")
        drawn = _drawn(services, order)
        if not drawn.nodes:
            raise NotFound("none of these nodes is known")
        said.update(nodes_written=len(drawn.nodes), rels_written=len(drawn.rels))
        if format != OWN_FORMAT:
            drawn = subgraph_in(drawn, order.translate)
        reach = reach_notes.notes(services, actor, order.reach, order.language) if order.reach else None
        out = io.BytesIO()
        drawn = _labelled(drawn, order.language, _standing(services, actor, drawn, order))
        exporter.write(reach.onto(drawn) if reach else drawn, _meta(services, actor, order, reach), out)
        return ExportFile(_file_name(order.title, exporter.suffix), exporter.media_type, out.getvalue())


def _drawn(services: Services, order: ExportOrder) -> Subgraph:
    found = privacy.subgraph(joined(services, order.keys, order.window))
    if order.rel_ids is None:
        return found
    return replace(found, rels=tuple(rel for rel in found.rels if rel.id in order.rel_ids))


def _labelled(drawn: Subgraph, language: str, standing: tuple[str, ...] = ()) -> Subgraph:
    """With findings in it, or made of one, the file says that they are suggestions, as every page does, and how each stands."""
    if not standing and not any(node.label == "Finding" for node in drawn.nodes):
        return drawn
    return replace(drawn, omitted=(SUGGESTION.get(language[:2], SUGGESTION["en"]), *standing, *drawn.omitted))


def _standing(services: Services, actor: Actor, drawn: Subgraph, order: ExportOrder) -> tuple[str, ...]:
    """Status and error rate of each finding drawn, and of those the drawing is made of."""
    shown = {node.id: node for node in drawn.nodes if node.label == "Finding"}
    if order.findings:
        shown |= {
            node.id: node for node in node_queries.nodes(services.store, [("Finding", id) for id in order.findings])
        }
    return standing_notes.notes(services, actor, shown.values(), order.language)


def _meta(services: Services, actor: Actor, order: ExportOrder, reach: ReachNotes | None) -> ExportMeta:
    return ExportMeta(
        order.title, actor.name, now_ms(), services.store.applied_seq(), order.language, dict(order.positions),
        (*order.filters, *(reach.lines if reach else ())), dict(reach.beside) if reach else {},
        dict(order.looks), order.colors_said, dict(order.names),
    )  # fmt: skip


#: Of a file's name without time and suffix.
MAX_STEM_BYTES = 200


def _file_name(title: str, suffix: str) -> str:
    # format characters too: one that turns the direction makes a name's end read as its beginning
    shown = "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in title)
    stem = _UNSAFE.sub(" ", shown).strip(" .")[:80]
    # file systems count bytes, 255 a name: 80 Chinese characters are 240
    stem = stem.encode()[:MAX_STEM_BYTES].decode(errors="ignore").strip(" .") or "ringtrace"
    return f"{stem} {to_utc(now_ms()):%Y-%m-%d %H%M}{suffix}"
