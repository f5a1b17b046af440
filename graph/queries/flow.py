"""Money of a finding, layer by layer: what flowed from victims through the mules to the exit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from graph.model import Rel
from graph.port import GraphStore
from graph.queries.findings import finding
from graph.queries.transfers import by_ids


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """Evidence transfers from one layer to another in one currency; None is a member without a layer or an outsider."""

    from_layer: int | None
    to_layer: int | None
    currency: str
    transfers: int
    amount_minor: int
    first_ms: int
    last_ms: int


def money_by_layer(store: GraphStore, finding_id: str) -> list[LayerFlow]:
    """Sums of the finding's evidence transfers by layer pair and currency, in layer order; empty when there are none."""
    view = finding(store, finding_id, limit=100_000)
    if view is None:
        return []
    layers = {member[0].id: member[2] for member in view.members if member[0].label == "Account"}
    groups: dict[tuple[int | None, int | None, str], list[Rel]] = defaultdict(list)
    for rel in by_ids(store, view.node.properties.get("evidence_ids") or (), list(layers)):
        key = (layers.get(rel.start[1]), layers.get(rel.end[1]), str(rel.properties["currency"]))
        groups[key].append(rel)
    flows = [_sum(key, rels) for key, rels in groups.items()]
    return sorted(flows, key=lambda flow: (_last(flow.from_layer), _last(flow.to_layer), flow.currency))


def _sum(key: tuple[int | None, int | None, str], rels: list[Rel]) -> LayerFlow:
    times = [rel.properties["at_ms"] for rel in rels]
    amount = sum(rel.properties["amount_minor"] for rel in rels)
    return LayerFlow(*key, len(rels), amount, min(times), max(times))


def _last(layer: int | None) -> int:
    return 1_000_000 if layer is None else layer
