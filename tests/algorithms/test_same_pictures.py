"""Every algorithm's hand-made picture gives its expected finding, and the same one on each store and engine it claims."""

from __future__ import annotations

from typing import Any

import pytest
from memory_store import MemoryStore
from pictures import Picture, memory, pictures

from algorithms._base import Found, catalog
from algorithms._run import run_one
from graph.port import GraphStore
from graph.stores.ladybug import LadybugStore
from graph.stores.neo4j import Neo4jStore


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Picture]:
    return pictures(tmp_path_factory.mktemp("models"))


def found(picture: Picture, store: Any, engine: str = "local") -> tuple[Found, ...]:
    """What a run finds, complete with times and grounds, as it would be written."""
    outcome = run_one(catalog()[picture.algorithm], store, picture.params, run_id="run-1", engine=engine)
    return outcome.found


def drawn_on(picture: Picture, store: GraphStore) -> GraphStore:
    """The store, emptied and filled with the picture."""
    store.wipe()
    for seq, batch in enumerate(picture.batches, 1):
        store.apply(seq, batch)
    return store


def test_every_algorithm_is_drawn_and_its_first_finding_names_whom_it_should(drawn: dict[str, Picture]) -> None:
    assert {picture.algorithm for picture in drawn.values()} == set(catalog())
    for name, picture in drawn.items():
        made = found(picture, memory(picture))
        assert made, name
        roles = {member.id: member.role for member in made[0].members}
        assert picture.members.items() <= roles.items(), (name, roles)
        assert found(picture, MemoryStore()) == (), f"{name}: nothing is found in nothing"


def test_the_embedded_store_gives_the_same_findings(drawn: dict[str, Picture], ladybug_store: LadybugStore) -> None:
    for name, picture in drawn.items():
        assert found(picture, drawn_on(picture, ladybug_store)) == found(picture, memory(picture)), name


@pytest.mark.gds
def test_neo4j_gives_the_same_findings_on_every_engine(drawn: dict[str, Picture], neo4j_store: Neo4jStore) -> None:
    asked = set()
    for name, picture in drawn.items():
        store, ours = drawn_on(picture, neo4j_store), found(picture, memory(picture))
        for engine in catalog()[picture.algorithm].engines:
            assert found(picture, store, engine) == ours, (name, engine)
            asked.add((picture.algorithm, engine))
    assert asked == {(item.name, engine) for item in catalog().values() for engine in item.engines}
