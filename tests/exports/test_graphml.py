"""GraphML is read back by networkx, whatever text the data holds."""

from __future__ import annotations

import io

import networkx as nx
import pytest
from export_samples import HOSTILE, hostile, meta, sample, written
from hypothesis import given
from hypothesis import strategies as st

from exports.graphml import EXPORTER
from graph.model import Node, Rel, Subgraph


def _read(data: bytes) -> nx.MultiDiGraph:
    return nx.read_graphml(io.BytesIO(data), force_multigraph=True)


def test_networkx_reads_every_node_edge_and_type() -> None:
    graph = _read(written(EXPORTER, sample()))
    assert graph.is_directed() and graph.number_of_nodes() == 5 and graph.number_of_edges() == 5
    account = graph.nodes["Account:A1"]
    assert account["label"] == "王芳" and account["opening_balance_minor"] == 1200 and account["is_blocked"] is False
    assert graph.number_of_edges("Account:A1", "Account:A2") == 2
    assert graph.edges["Account:A2", "Account:A3", "TRANSFER:t3"]["amount_minor"] == 10**17
    assert "region" not in graph.nodes["Account:A3"]
    assert graph.nodes["Finding:F1"]["reasons"] == '["fast", "small cut"]'


def test_places_given_by_the_explorer_keep_their_arrangement() -> None:
    places = {node.key: (float(i), float(-i)) for i, node in enumerate(sample().nodes)}
    graph = _read(written(EXPORTER, sample(), meta(positions=places)))
    xs = [graph.nodes[f"{label}:{id_}"]["x"] for label, id_ in places]
    assert xs == sorted(xs) and xs[0] < xs[-1]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_readable_and_inert(text: str) -> None:
    data = written(EXPORTER, hostile(text), meta(title=text, author=text))
    graph = _read(data)
    assert graph.number_of_nodes() == 2 and graph.number_of_edges() == 1
    assert b"<script" not in data and "\u202e" not in data.decode() and "\x1b" not in data.decode()


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_nodes_never_become_one(first: str, second: str) -> None:
    nodes = {("Account", first): Node("Account", first), ("Account", second): Node("Account", second)}
    rel = Rel("TRANSFER", "t", ("Account", first), ("Account", second), {"memo": first})
    graph = _read(written(EXPORTER, Subgraph(tuple(nodes.values()), (rel,))))
    assert graph.number_of_nodes() == len(nodes) and graph.number_of_edges() == 1


def test_an_end_outside_the_subgraph_becomes_a_bare_node_and_empty_is_fine() -> None:
    lone = Subgraph((Node("Account", "A"),), (Rel("TRANSFER", "t", ("Account", "A"), ("Account", "B"), {}),))
    assert set(_read(written(EXPORTER, lone))) == {"Account:A", "Account:B"}
    assert _read(written(EXPORTER, Subgraph((), ()))).number_of_nodes() == 0
