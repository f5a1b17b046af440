"""The JSON export loses nothing and reads back."""

from __future__ import annotations

import json

import pytest
from export_samples import HOSTILE, hostile, meta, sample, written
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from exports.json_graph import EXPORTER, read
from graph.model import Node, Subgraph


def test_what_was_written_reads_back_the_same() -> None:
    data = written(EXPORTER, sample(), meta(positions={("Account", "A1"): (1.0, 2.0)}))
    found = read(data)
    assert found.subgraph == sample() and found.places == {("Account", "A1"): (1.0, 2.0)}
    document = json.loads(data)
    assert document["author"] == "chen" and document["data_seq"] == 12
    assert (document["nodes"][0]["x"], document["nodes"][0]["y"]) == (1.0, 2.0)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_kept_exactly_but_never_raw(text: str) -> None:
    data = written(EXPORTER, hostile(text))
    assert read(data).subgraph.nodes[0].properties["name"] == text
    raw = data.decode()
    assert not any(char in raw for char in "\u202e\u200b\u2028\x85\ufeff\x1b\x00")


@given(st.text())
def test_any_text_reads_back(text: str) -> None:
    graph = Subgraph((Node("Account", text, {"name": text}),), ())
    assert read(written(EXPORTER, graph)).subgraph == graph


def test_not_a_number_becomes_null() -> None:
    graph = Subgraph((Node("Account", "A", {"score": float("nan"), "list": [float("inf")]}),), ())
    assert read(written(EXPORTER, graph)).subgraph.nodes[0].properties == {"score": None, "list": [None]}


@pytest.mark.parametrize("x", [10**400, -1e12, True, "1", None])
def test_a_place_that_is_none_is_left_out(x: object) -> None:
    document = json.loads(written(EXPORTER, sample()))
    document["nodes"][0] |= {"x": x, "y": 0}
    found = read(json.dumps(document).encode())
    assert found.subgraph == sample() and found.places == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b'{"format":"other"}', b"\xff", b"[" * 100_000, b'{"format":"ringtrace-graph","version":1}'],
)
def test_anything_else_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(BadInput) as error:
        read(data)
    assert "\n" not in str(error.value)
