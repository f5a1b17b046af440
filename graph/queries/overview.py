"""The whole graph at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from graph.port import GraphStore
from graph.schema import NODES, RELS


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts by label, type and finding kind; time of the first and last event (None without any); ledger position."""

    nodes: dict[str, int]
    rels: dict[str, int]
    findings: dict[str, int]
    first_ms: int | None
    last_ms: int | None
    applied_seq: int


def overview(store: GraphStore) -> Overview:
    """What the store holds now. Labels and types without rows are listed with zero."""
    total = store.counts()
    rels = {name: total.get(name, 0) for name in RELS}
    kinds = store.query("MATCH (f:Finding) RETURN f.kind AS kind, count(*) AS n ORDER BY kind").rows
    spans = [_span(store, name) for name, kind in RELS.items() if kind.event and rels[name]]
    first = [span[0] for span in spans if span[0] is not None]
    last = [span[1] for span in spans if span[1] is not None]
    return Overview(
        nodes={label: total.get(label, 0) for label in NODES},
        rels=rels,
        findings={kind: int(n) for kind, n in kinds},
        first_ms=min(first, default=None),
        last_ms=max(last, default=None),
        applied_seq=store.applied_seq(),
    )


def _span(store: GraphStore, rel: str) -> tuple[int | None, int | None]:
    first, last = store.query(f"MATCH ()-[r:{rel}]->() RETURN min(r.at_ms) AS first, max(r.at_ms) AS last").rows[0]
    return first, last
