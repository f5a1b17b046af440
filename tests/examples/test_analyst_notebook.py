"""The notebook example and the py2neo bridge on a real Neo4j."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from graph_case import load, rowsets
from pydantic import SecretStr

from core.errors import StoreUnavailable
from graph.py2neo_bridge import MODELS, connect
from graph.schema import NODES

NOTEBOOK = Path(__file__).parents[2] / "examples" / "analyst_notebook.py"


def test_the_notebook_runs(neo4j_store, neo4j_settings, monkeypatch, capsys):
    load(neo4j_store)
    monkeypatch.setenv("RINGTRACE_NEO4J_URI", neo4j_settings.neo4j_uri)
    monkeypatch.setenv("RINGTRACE_NEO4J_PASSWORD", neo4j_settings.neo4j_password.get_secret_value())
    seen = runpy.run_path(str(NOTEBOOK))
    assert list(seen["findings"]["id"]) == ["F-chain", "F-group"]
    assert seen["findings"]["yuan"].iloc[0] == 10_000
    assert list(seen["top"]["account"]) == ["ICBC-Victim", "CCB-M1", "CCB-M2", "ABC-M3"]
    assert seen["by_role"].loc["victim", "sum"] == 1_000_000
    assert {other.id for other in seen["account"].transfer_out} == {"CCB-M1", "CCB-M2"}
    assert seen["cash"] == ["ATM-1"]
    assert "F-chain" in capsys.readouterr().out


def test_bulk_merge_twice_changes_nothing(neo4j_store, neo4j_settings):
    notebook = connect(neo4j_settings)
    sent = notebook.merge(rowsets())
    first = neo4j_store.counts()
    assert notebook.merge(rowsets()) == sent
    assert neo4j_store.counts() == first
    assert (first["Account"], first["TRANSFER"], first["INVOLVES"]) == (5, 6, 6)
    assert notebook.get("Account", "CCB-M1").name == "Zhang Wei"
    assert notebook.get("Account", "nobody") is None
    assert list(notebook.frame("MATCH (n:Wallet) RETURN n.id AS id").columns) == ["id"]


def test_every_label_has_a_class_with_its_properties():
    for label, kind in NODES.items():
        assert all(hasattr(MODELS[label](), prop.name) for prop in kind.columns)


def test_a_wrong_password_is_one_line(neo4j_settings):
    wrong = neo4j_settings.model_copy(update={"neo4j_password": SecretStr("wrong-" + "x")})
    with pytest.raises(StoreUnavailable, match="check RINGTRACE_NEO4J_URI"):
        connect(wrong)
