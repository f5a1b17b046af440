"""GEXF 1.3 is read back by networkx and carries what Gephi draws."""

from __future__ import annotations

import io
from dataclasses import replace

import networkx as nx
import pytest
from export_samples import HOSTILE, hostile, meta, sample, written
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exports.gexf import EXPORTER
from graph.model import Node, Rel, Subgraph

NS = {"g": "http://gexf.net/1.3", "v": "http://gexf.net/1.3/viz"}


def _read(data: bytes) -> nx.MultiDiGraph:
    return nx.read_gexf(io.BytesIO(data), version="1.3")


def test_networkx_reads_nodes_parallel_edges_and_typed_values() -> None:
    graph = _read(written(EXPORTER, sample()))
    assert graph.is_directed() and graph.number_of_nodes() == 5 and graph.number_of_edges() == 5
    assert graph.number_of_edges("Account:A1", "Account:A2") == 2
    assert graph.nodes["Account:A1"]["opening_balance_minor"] == 1200
    assert graph.nodes["Account:A2"]["is_blocked"] is True
    amounts = [data["amount_minor"] for *_ends, data in graph.edges("Account:A2", data=True) if "amount_minor" in data]
    assert amounts == [10**17]


def test_colour_place_size_and_shape_are_there_for_gephi() -> None:
    root = etree.fromstring(written(EXPORTER, sample()))
    node = root.find(".//g:node[@id='Finding:F1']", NS)
    assert root.get("version") == "1.3" and node is not None
    assert dict(node.find("v:color", NS).attrib) == {"r": "197", "g": "48", "b": "48"}
    assert float(node.find("v:size", NS).get("value")) > 10
    assert all(child.find("v:position", NS) is not None for child in root.iterfind(".//g:node", NS))
    assert root.find(".//g:description", NS).text.endswith("showing 5 of 4,819 neighbours of A1")


def test_a_style_on_the_screen_is_the_style_in_gephi() -> None:
    drawn = replace(meta(), looks={("Account", "A1"): ("#2f7d4f", 22.5)})
    root = etree.fromstring(written(EXPORTER, sample(), drawn))
    node = root.find(".//g:node[@id='Account:A1']", NS)
    assert node is not None and dict(node.find("v:color", NS).attrib) == {"r": "47", "g": "125", "b": "79"}
    assert node.find("v:size", NS).get("value") == "22.50"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_readable(text: str) -> None:
    graph = _read(written(EXPORTER, hostile(text), meta(title=text, author=text)))
    assert graph.number_of_nodes() == 2 and graph.number_of_edges() == 1


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats()
        | st.text(max_size=20)
        | st.lists(st.text(max_size=5)),
        max_size=5,
    )
)
def test_any_property_is_written_readably(properties: dict[str, object]) -> None:
    nodes = (Node("Account", "A", properties), Node("Account", "B", {}))
    rel = Rel("TRANSFER", "t", ("Account", "A"), ("Account", "B"), properties)
    assert _read(written(EXPORTER, Subgraph(nodes, (rel,)))).number_of_nodes() == 2
