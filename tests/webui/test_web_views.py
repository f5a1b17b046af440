"""Views, sharing, ghosts, our own file, the query library and detectors over HTTP: who may what, and bad input."""

from __future__ import annotations

import json

import pytest
from small_town import CHAIN

from security.roles import Actor, system_actor
from usecases import detectors, query_library, views
from usecases.detectors import Proposal


def document(*ids: str, **more: object) -> dict:
    nodes = [{"label": "Account", "id": id, "x": 1.5, "y": 2} for id in ids]
    return {
        "version": 1, "nodes": nodes, "rels": ["TRANSFER:T1"], "hidden": [], "pinned": [], "off_labels": [], "off_types": [],
        "filter": {}, "mode": "network", "fold": True, "group_by": "", "as_of": None, "notes": [], "remainders": [], "omitted": [],
        "layout": "force", "labels": True, "amounts": True, **more,
    }  # fmt: skip


def note(author: str = "someone else", id: str = "n1", text: str = "look") -> dict:
    return {
        "id": id,
        "kind": "node",
        "key": "Account:A-victim",
        "text": text,
        "mark": "flag",
        "author": author,
        "at_ms": 5,
    }


def save(client, **more: object):
    return client.post("/api/v1/views", json={"title": "Mine", "document": document("A-victim", "A-gone"), **more})


def test_a_view_comes_back_with_ghosts_and_is_nobody_elses(client_as):
    ines, tom = client_as("investigator"), client_as("task_force")
    made = save(ines).json
    assert (made["mine"], made["nodes"], made["version"]) == (True, 2, 1)
    opened = ines.get(f"/api/v1/views/{made['id']}").json
    assert [node["id"] for node in opened["subgraph"]["nodes"]] == ["A-victim"]
    assert opened["ghosts"] == [{"label": "Account", "id": "A-gone", "why": "gone"}]
    for response in (
        tom.get(f"/api/v1/views/{made['id']}"),
        tom.post(f"/api/v1/views/{made['id']}/delete", json={}),
        tom.post(f"/api/v1/views/{made['id']}/share", json={"people": []}),
        save(tom, id=made["id"], version=1),
    ):
        assert response.status_code == 404
    assert tom.get("/api/v1/views/view-no-such").status_code == 404
    assert ines.post(f"/api/v1/views/{made['id']}/share", json={"roles": ["task_force"]}).json["shared_with"] == [
        "role:task_force"
    ]
    shared = tom.get(f"/api/v1/views/{made['id']}").json
    assert shared["view"]["mine"] is False and save(tom, id=made["id"], version=1).status_code == 404, "read-only"
    assert made["id"] in [view["id"] for view in tom.get("/api/v1/views").json["views"]]
    for wrong in ({"people": ["nobody-here"]}, {"roles": ["king"]}):
        assert ines.post(f"/api/v1/views/{made['id']}/share", json=wrong).status_code == 422


def test_two_changes_at_once_one_wins(client_as):
    ines = client_as("investigator")
    made = save(ines).json
    assert save(ines, id=made["id"], version=1, title="Again").json["version"] == 2
    assert save(ines, id=made["id"], version=1).status_code == 409


def test_notes_carry_the_author_the_server_knows(client_as):
    ines = client_as("investigator")
    me = ines.get("/api/v1/me").json["name"]
    made = save(ines, document=document("A-victim", notes=[note("the chief")])).json
    (kept,) = ines.get(f"/api/v1/views/{made['id']}").json["document"]["notes"]
    assert kept["author"] == me and kept["at_ms"] > 5
    changed = save(
        ines, id=made["id"], version=1, document=document("A-victim", notes=[note("the chief"), note(id="n2")])
    ).json
    again = ines.get(f"/api/v1/views/{changed['id']}").json["document"]["notes"]
    assert again[0]["at_ms"] == kept["at_ms"], "an unchanged note keeps its time"


def test_a_finding_is_restricted_for_whom_it_is_not(services):
    reader = Actor("x", "x", frozenset())
    found, ghosts = views.with_ghosts(services, reader, [("Finding", CHAIN), ("Account", "A-victim")])
    assert [node.id for node in found.nodes] == ["A-victim"] and ghosts[0].why == "restricted"


@pytest.mark.parametrize(
    "wrong",
    [
        {"document": {**document("A"), "surprise": 1}}, {"document": {**document("A"), "mode": "party"}}, {"title": ""},
        {"document": {**document("A"), "nodes": [{"label": "Account", "id": "A", "x": "1", "y": 2}]}}, {"title": "x" * 201},
        {"document": document(*[f"A{i}" for i in range(5001)])}, {"document": document("A", notes=[{**note(), "text": "x" * 2001}])},
    ],
)  # fmt: skip
def test_a_view_that_is_not_one_is_refused(client_as, wrong):
    assert save(client_as("investigator"), **wrong).status_code == 422


def test_the_draft_is_ones_own(client_as):
    ines = client_as("investigator")
    assert ines.post("/api/v1/views/draft", json={"document": document("A-victim")}).status_code == 200
    assert len(ines.get("/api/v1/views/draft").json["document"]["nodes"]) == 1
    assert all(view["title"] != "draft" for view in ines.get("/api/v1/views").json["views"])


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("{", 422, "ringtrace-graph"), ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 422, "XML"),
        ("[" * 100_000, 422, "ringtrace-graph"), ("x" * 2_200_000, 413, ""), ('{"format": "other", "version": 1}', 422, "ringtrace-graph"),
        ('{"format": "ringtrace-graph", "version": 1, "omitted": [], "rels": [], "nodes": [{"label": "Spy", "id": "1", "properties": {}}]}', 422, "node 1: field label"),
        ('{"format": "ringtrace-graph", "version": 1, "omitted": [], "rels": [], "nodes": [{"label": "Account", "id": "a\\u0000b", "properties": {}}]}', 422, "node 1: field id"),
        ('{"format": "ringtrace-graph", "version": 1, "omitted": [], "rels": [], "nodes": [{"label": "Account", "id": "a\\ud800b", "properties": {}}]}', 422, "node 1: field id"),
    ],
)  # fmt: skip
def test_a_graph_file_that_is_malformed_malicious_or_too_large_is_refused(client_as, text, status, said):
    answer = client_as("investigator").post("/api/v1/graph-file", data=text, content_type="application/json")
    assert answer.status_code == status and said in answer.get_data(as_text=True)


def test_a_graph_file_is_believed_for_its_keys_only(client_as):
    file = {"format": "ringtrace-graph", "version": 1, "title": "t", "omitted": [], "rels": [], "nodes": [
        {"label": "Account", "id": "A-victim", "properties": {"name": "forged"}, "x": 1, "y": 2}, {"label": "Account", "id": "A-nobody", "properties": {}}]}  # fmt: skip
    found = (
        client_as("investigator")
        .post("/api/v1/graph-file", data=json.dumps(file), content_type="application/json")
        .json
    )
    assert found["subgraph"]["nodes"][0]["properties"]["name"] == "王芳" and found["places"][0]["x"] == 1
    assert found["ghosts"] == [{"label": "Account", "id": "A-nobody", "why": "gone"}]


def test_expansion_paths_and_money_with_options(client_as):
    ines = client_as("investigator")
    groups = ines.get("/api/v1/neighbours?label=Account&id=A-mule1&min_minor=2500000").json["groups"]
    out = next(group for group in groups if (group["rel"], group["direction"]) == ("TRANSFER", "out"))
    assert (out["count"], out["others"], out["money"]) == (1, 1, [{"currency": "CNY", "amount_minor": 2_900_000}])
    ways = ines.post(
        "/api/v1/paths",
        json={
            "start": ["Account", "A-victim"],
            "end": ["Account", "A-cash"],
            "via": [["Account", "A-mule2"]],
            "rels": ["TRANSFER"],
            "directed": True,
        },
    ).json["paths"]
    assert [[node["id"] for node in way["nodes"]] for way in ways] == [
        ["A-victim", "A-mule1", "A-mule2", "A-collector", "A-cash"]
    ]
    assert (
        ines.post(
            "/api/v1/paths", json={"start": ["Account", "A-victim"], "end": ["Account", "A-cash"], "rels": ["EVIL"]}
        ).status_code
        == 422
    )
    trail = ines.post("/api/v1/trace", json={"starts": [["Account", "A-victim"]]}).json
    assert {node["id"]: node["properties"]["layer"] for node in trail["nodes"]}["A-cash"] == 3
    left = ines.post(
        "/api/v1/reachable", json={"victims": ["A-victim"], "accounts": ["A-mule1", "A-mule2", "A-collector", "A-cash"]}
    ).json
    assert sum(row["left_minor"] for row in left["accounts"]) == left["taken"]["CNY"] == 5_000_000


@pytest.fixture
def analyst(services, make_person):
    return make_person("analyst").actor("127.0.0.1")


def test_saved_queries_are_tagged_shared_offered_and_carried(services, analyst, make_person):
    from usecases import console

    kept = console.save(services, analyst, "Out", "MATCH (a:Account)-[t:TRANSFER]->(b) WHERE a.id = $id RETURN a, t, b")
    query_library.describe(services, analyst, kept.id, ["Money", "money ", "first"], "Account", "id")
    assert [card.tags for card in query_library.for_label(services, analyst, "Account")] == [("money", "first")]
    with pytest.raises(Exception, match="no parameter"):
        query_library.describe(services, analyst, kept.id, [], "Account", "nope")
    other = make_person("supervisor").actor("127.0.0.1")
    assert query_library.cards(services, other) == []
    query_library.share(services, analyst, kept.id, [], ["supervisor"])
    assert [card.title for card in query_library.cards(services, other)] == ["Out"]
    file = query_library.as_file(services, other)
    assert query_library.from_file(services, other, file) == 1
    for bad in (
        b"{",
        b"[]",
        b'{"format": "ringtrace-queries", "queries": [{"title": 1}]}',
        b'{"format": "ringtrace-queries", "queries": [{"title": "x", "cypher": ""}]}',
    ):
        with pytest.raises(Exception, match=r"ringtrace-queries|query 1"):
            query_library.from_file(services, other, bad)


def test_a_detector_needs_a_second_person_and_leaves_findings(live_server):
    services = live_server.services
    one, two = (Actor(name, name, frozenset({"supervisor"})) for name in ("one", "two"))
    given = Proposal(
        "large",
        "Large transfer",
        "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE t.amount_minor > 4600000 RETURN a, t, b",
        0.6,
        "More than 46,000",
    )
    first = detectors.propose(services, one, given)
    with pytest.raises(Exception, match="somebody else"):
        detectors.decide(services, one, first.id, approve=True)
    with pytest.raises(Exception, match="may not"):
        detectors.decide(services, Actor("a", "a", frozenset({"analyst"})), first.id, approve=True)
    with pytest.raises(Exception, match="starts with"):
        detectors.propose(services, one, Proposal("evil", "x", "CREATE (n)", 0.5, "x"))
    assert list(detectors.run_approved(services, system_actor())) == [], "nothing runs before it is approved"
    detectors.decide(services, two, first.id, approve=True)
    with pytest.raises(Exception, match="approved already"):
        detectors.decide(services, two, first.id, approve=False)
    (done,) = detectors.run_approved(services, system_actor())
    assert (done.findings, done.members) == (2, 4)
    rows = services.store.query(
        "MATCH (f:Finding) WHERE f.kind = 'query_large' RETURN f.amount_minor, f.algorithm_version, f.evidence_ids ORDER BY f.amount_minor"
    ).rows
    assert [(int(amount), version, list(ids)) for amount, version, ids in rows] == [
        (4_700_000, "1", ["T5"]),
        (5_000_000, "1", ["T1"]),
    ]
    second = detectors.propose(services, two, given)
    detectors.decide(services, one, second.id, approve=True)
    assert {item.version: item.state for item in detectors.listed(services, one)} == {1: "retired", 2: "approved"}


@pytest.mark.parametrize("wrong", [{"score": 10**400}, {"layer": 2**63}, {"x": 10**400}, {"score": -(10**30)}])
def test_a_number_beyond_all_bounds_is_refused(client_as, wrong):
    given = document("A-victim")
    given["nodes"][0] |= wrong
    answer = save(client_as("investigator"), document=given)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert save(client_as("investigator"), document=document("A-victim", filter={"min": 10**400})).status_code == 422
