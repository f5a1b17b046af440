"""The JSON API: what each endpoint gives, and what it answers to bad input."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from openapi_spec_validator import validate
from small_town import CHAIN, COMMUNITY, HOSTILE, NOON_MS

from core.db import transaction
from security import audit
from security.audit import AuditFilter

KEYS = [["Account", "A-mule1"], ["Account", "A-mule2"], ["Device", "D1"]]
BODIES = {
    "/api/v1/expand": {"label": "Account", "id": "A-mule1"},
    "/api/v1/between": {"keys": KEYS},
    "/api/v1/paths": {"start": KEYS[0], "end": KEYS[1]},
    "/api/v1/cypher": {"query": "MATCH (a:Account) RETURN a.id"},
    "/api/v1/exports/json_graph": {"keys": KEYS, "title": "t"},
}


@pytest.fixture
def client(client_as):
    return client_as("analyst")


def test_search_finds_by_id_name_and_prefix(client):
    hits = client.get("/api/v1/search?q=A-mule").json["hits"]
    assert {hit["id"] for hit in hits} == {"A-mule1", "A-mule2"}
    assert set(hits[0]) == {"label", "id", "name", "matched"}
    assert client.get("/api/v1/search?q=李伟").json["hits"][0]["id"] == "6222020200012345678"
    assert client.get("/api/v1/search?q=phone:138").json["hits"][0]["id"] == "+8613800138000"
    assert client.get("/api/v1/search?q=").json == {"hits": []}
    assert [hit["label"] for hit in client.get("/api/v1/search?q=D1&label=Device").json["hits"]] == ["Device"]


def test_node_has_properties_and_findings(client):
    node = client.get("/api/v1/node?label=Account&id=A-mule1").json
    assert (node["label"], node["id"], node["properties"]["name"]) == ("Account", "A-mule1", HOSTILE)
    assert [(item["id"], item["role"]) for item in node["findings"]] == [(CHAIN, "mule"), (COMMUNITY, "member")]


def test_neighbours_are_counted(client):
    groups = client.get("/api/v1/neighbours?label=Account&id=A-mule1").json["groups"]
    found = {(item["rel"], item["direction"], item["other_label"]): item["count"] for item in groups}
    assert found[("TRANSFER", "out", "Account")] == 2
    assert found[("OWNS", "in", "Person")] == 1


def test_expand_gives_nodes_and_relationships_with_both_ends(client):
    found = client.post("/api/v1/expand", json={"label": "Account", "id": "A-mule1"}).json
    ids = {(node["label"], node["id"]) for node in found["nodes"]}
    assert ids >= {("Account", "A-mule1"), ("Account", "A-victim"), ("Device", "D1"), ("Person", "P1")}
    first = next(rel for rel in found["rels"] if rel["id"] == "T1")
    assert (first["start"], first["end"]) == (["Account", "A-victim"], ["Account", "A-mule1"])
    assert first["properties"]["amount_minor"] == 5_000_000
    assert first["properties"]["memo"] == "rent, card ****1111"
    assert found["omitted"] == []


def test_expand_narrows_orders_and_says_what_it_leaves_out(client):
    body = {"label": "Account", "id": "A-mule1", "rel": "TRANSFER", "direction": "out"}
    one = client.post("/api/v1/expand", json={**body, "limit": 1}).json
    assert [rel["id"] for rel in one["rels"]] == ["T2"]
    assert "showing 1 of 2" in one["omitted"][0]
    late = client.post("/api/v1/expand", json={**body, "limit": 1, "order": "latest"}).json
    assert [rel["id"] for rel in late["rels"]] == ["T3"]
    window = client.post(
        "/api/v1/expand", json={**body, "from_ms": NOON_MS + 8 * 60_000, "to_ms": NOON_MS + 10 * 60_000}
    )
    assert [rel["id"] for rel in window.json["rels"]] == ["T3"]


def test_between_joins_what_is_given_and_names_what_is_unknown(client):
    found = client.post("/api/v1/between", json={"keys": [*KEYS, ["Account", "nobody"]]}).json
    assert {rel["type"] for rel in found["rels"]} == {"TRANSFER", "USED_DEVICE"}
    assert found["omitted"] == ["1 of 4 nodes are not known"]


def test_between_puts_every_node_asked_for_on_record(client, services):
    wanted = [f"A-{number}" for number in range(1201)]
    assert client.post("/api/v1/between", json={"keys": [["Account", name] for name in wanted]}).status_code == 200
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(action="graph.between", text="A-1200"), 1, 0)
        assert lines, "the last node is on record"
        lines, _ = audit.page(session, AuditFilter(action="graph.between", text="1201 nodes"), 50, 0)
    named = [node for line in lines for node in json.loads(line.detail)["nodes"]]
    assert sorted(named) == sorted(f"Account:{name}" for name in wanted)


def test_paths_walk_from_victim_to_cash(client):
    body = {"start": ["Account", "A-victim"], "end": ["Account", "A-cash"], "max_hops": 5, "directed": True}
    paths = client.post("/api/v1/paths", json=body).json["paths"]
    assert [node["id"] for node in paths[0]["nodes"]] == ["A-victim", "A-mule1", "A-collector", "A-cash"]
    body["start"], body["end"] = body["end"], body["start"]
    assert client.post("/api/v1/paths", json=body).json == {"paths": []}


def test_findings_list_filter_and_page(client):
    page = client.get("/api/v1/findings").json
    assert [item["id"] for item in page["findings"]] == [CHAIN, COMMUNITY]
    assert page["total"] == 2
    assert [item["id"] for item in client.get("/api/v1/findings?kind=community").json["findings"]] == [COMMUNITY]
    assert [item["id"] for item in client.get("/api/v1/findings?min_score=0.9").json["findings"]] == [CHAIN]
    assert [item["id"] for item in client.get("/api/v1/findings?limit=1&offset=1").json["findings"]] == [COMMUNITY]
    assert client.get("/api/v1/findings?run_id=none").json["total"] == 0


def test_a_finding_has_members_with_roles_and_a_subgraph_of_its_evidence(client):
    found = client.get(f"/api/v1/findings/{CHAIN}").json
    assert [(item["id"], item["role"], item["layer"]) for item in found["members"]][:2] == [
        ("A-victim", "victim", 0), ("A-mule1", "mule", 1),
    ]  # fmt: skip
    drawn = client.get(f"/api/v1/findings/{CHAIN}/subgraph").json
    assert {rel["id"] for rel in drawn["rels"]} >= {"T1", "T2", "T3", "T4", "T5"}
    assert "T6" not in {rel["id"] for rel in drawn["rels"]}


def test_schema_lists_labels_and_who_i_am(client):
    schema = client.get("/api/v1/schema").json
    assert "Account" in {item["name"] for item in schema["labels"]}
    transfer = next(item for item in schema["rels"] if item["name"] == "TRANSFER")
    assert transfer["event"] and transfer["pairs"] == [["Account", "Account"]]
    me = client.get("/api/v1/me").json
    assert me["roles"] == ["analyst"] and "cypher.run" in me["permissions"]


def test_cypher_gives_rows_and_the_graph_in_them(client):
    query = "MATCH (a:Account)-[t:TRANSFER]->(b:Account) WHERE a.id = $id RETURN a, t, b.id AS to ORDER BY to"
    answer = client.post("/api/v1/cypher", json={"query": query, "params": {"id": "A-mule1"}})
    assert answer.status_code == 200, answer.text
    assert answer.json["columns"] == ["a", "t", "to"]
    assert [row[2] for row in answer.json["rows"]] == ["A-collector", "A-mule2"]
    assert {rel["id"] for rel in answer.json["subgraph"]["rels"]} == {"T2", "T3"}
    assert answer.json["truncated"] is False


@pytest.mark.parametrize("query", ["CREATE (:Account {id: 'x'})", "MATCH (n) DETACH DELETE n", "CALL show_tables() RETURN *",
                                   "MATCH (n) RETURN n; MATCH (m) RETURN m", "LOAD FROM '/etc/passwd' RETURN *"])  # fmt: skip
def test_cypher_that_may_not_run_is_refused_with_the_reason(client, query):
    answer = client.post("/api/v1/cypher", json={"query": query})
    assert (answer.status_code, answer.json["code"]) == (422, "query_refused")
    assert answer.json["detail"]


@pytest.mark.parametrize("name", ["graphml", "gexf", "csv_zip", "json_graph", "html"])
def test_exports_come_as_files_with_safe_names(client, name):
    body = {
        "keys": KEYS,
        "title": 'Ring "1"\r\nX: y 王芳',
        "positions": [{"label": "Device", "id": "D1", "x": 1, "y": 2.5}],
    }
    answer = client.post(f"/api/v1/exports/{name}", json=body)
    assert answer.status_code == 200, answer.text
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment; filename=") and "filename*=UTF-8''" in header and "\n" not in header
    assert b"<script>window.ran=1</script>" not in answer.data or name == "json_graph"
    assert len(answer.data) > 100


def test_a_file_says_what_an_order_could_still_reach_as_the_server_counts_it(client):
    chain = ["A-victim", "A-mule1", "A-mule2", "A-collector", "A-cash"]
    body = {
        "keys": [["Account", id] for id in chain], "title": "t", "reach": {"victims": ["A-victim"], "accounts": chain[1:]},
        "looks": [{"label": "Account", "id": "A-cash", "color": "#b3261e", "size": 20}], "colors": [{"color": "#b3261e", "text": "cash out  1"}],
    }  # fmt: skip
    said = client.post("/api/v1/exports/svg", json=body).get_data(as_text=True)
    assert "within reach 47,000.00 CNY" in said and "cash out  1" in said
    said = client.post("/api/v1/exports/gexf", json=body).get_data(as_text=True)  # a line there is whole
    assert "A stop-payment order could still reach 50,000.00 CNY in 4 accounts · rule own money leaves first" in said
    nodes = json.loads(client.post("/api/v1/exports/json_graph", json=body).data)["nodes"]
    cash = next(node["properties"] for node in nodes if node["id"] == "A-cash")
    assert (cash["within_reach_minor"], cash["out_of_reach_minor"], cash["reach_currency"]) == (4_700_000, 0, "CNY")
    assert "within_reach_minor" not in next(node["properties"] for node in nodes if node["id"] == "A-victim")
    for wrong in ({"reach": {"victims": [], "accounts": chain}}, {"looks": [{**body["looks"][0], "color": "red"}]}):
        assert client.post("/api/v1/exports/svg", json={**body, **wrong}).status_code == 422


def test_the_csv_export_never_carries_a_live_formula(client):
    answer = client.post("/api/v1/exports/csv_zip", json={"keys": KEYS, "title": "t"})
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        nodes = archive.read("nodes.csv").decode("utf-8-sig")
    assert "'=HYPERLINK(" in nodes and ",=HYPERLINK(" not in nodes


def test_an_export_is_read_anew_and_obeys_its_choice_of_relationships(client):
    body = {"keys": KEYS, "title": "t", "rel_ids": ["T2"]}
    answer = client.post("/api/v1/exports/json_graph", json=body)
    text = answer.get_data(as_text=True)
    assert "T2" in text and "USED_DEVICE" not in text
    formats = {item["name"] for item in client.get("/api/v1/exports").json["formats"]}
    assert formats == {"graphml", "gexf", "csv_zip", "json_graph", "html", "png", "svg", "pdf", "xlsx"}


@pytest.mark.parametrize(
    "address",
    ["/api/v1/node?label=Account&id=nobody", "/api/v1/neighbours?label=Account&id=nobody", "/api/v1/findings/nobody",
     "/api/v1/findings/nobody/subgraph", "/api/v1/nothing"],
)  # fmt: skip
def test_unknown_things_are_404(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("address", "body"),
    [("/api/v1/expand", {"label": "Account", "id": "nobody"}),
     ("/api/v1/paths", {"start": ["Account", "nobody"], "end": KEYS[0]}),
     ("/api/v1/exports/docx", {"keys": KEYS, "title": "t"}),
     ("/api/v1/exports/json_graph", {"keys": [["Account", "nobody"]], "title": "t"})],
)  # fmt: skip
def test_unknown_things_in_bodies_are_404(client, address, body):
    assert client.post(address, json=body).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/api/v1/findings?limit=-1", "/api/v1/findings?limit=1000000000", "/api/v1/findings?offset=-1", "/api/v1/findings?limit=1.5",
     "/api/v1/findings?order=score;DROP", "/api/v1/findings?order=f.score", "/api/v1/findings?min_score=NaN",
     "/api/v1/findings?min_score=2", "/api/v1/findings?page=1", "/api/v1/search?q=a&limit=0", "/api/v1/search?q=a&label=Nope",
     "/api/v1/search?q=" + "x" * 201, "/api/v1/node?label=Account", "/api/v1/node?label=Acc%60ount&id=x",
     "/api/v1/node?label=Account&id=x&role=administrator"],
)  # fmt: skip
def test_queries_out_of_bounds_are_422(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text
    assert answer.json["type"].startswith("urn:ringtrace:problem:")


@pytest.mark.parametrize(
    ("address", "change"),
    [("/api/v1/expand", {"limit": True}), ("/api/v1/expand", {"limit": 5.0}), ("/api/v1/expand", {"limit": "5"}),
     ("/api/v1/expand", {"limit": 0}), ("/api/v1/expand", {"limit": 10**9}), ("/api/v1/expand", {"from_ms": -1}),
     ("/api/v1/expand", {"from_ms": 1.5}), ("/api/v1/expand", {"role": "administrator"}),
     ("/api/v1/expand", {"rel": "TRANSFER]->() DETACH DELETE"}), ("/api/v1/expand", {"label": "Nope"}),
     ("/api/v1/expand", {"order": "r.amount"}), ("/api/v1/expand", {"direction": "up"}), ("/api/v1/expand", {"id": 5}),
     ("/api/v1/between", {"keys": []}), ("/api/v1/between", {"keys": [["Account"]]}), ("/api/v1/between", {"keys": "x"}),
     ("/api/v1/between", {"keys": [["Account", "x"]] * 5001}), ("/api/v1/paths", {"max_hops": 30}),
     ("/api/v1/paths", {"directed": 1}), ("/api/v1/cypher", {"query": ""}), ("/api/v1/cypher", {"query": "x" * 20_001}),
     ("/api/v1/cypher", {"params": []}), ("/api/v1/exports/json_graph", {"title": ""}),
     ("/api/v1/exports/json_graph", {"approved_by": "me"}),
     ("/api/v1/exports/json_graph", {"positions": [{"label": "Device", "id": "D1", "x": 1e12, "y": 0}]})],
)  # fmt: skip
def test_bodies_out_of_bounds_are_422(client, address, change):
    answer = client.post(address, json={**BODIES[address], **change})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text


@pytest.mark.parametrize(
    ("text", "status"),
    [("{", 400), ("", 400), ('{"label": "Account", "id": NaN}', 400), ('{"label": "Account", "id": Infinity}', 400),
     ('{"label": "Account", "label": "Person", "id": "x"}', 400), ("[" * 100_000 + "]" * 100_000, 400), ("[]", 422),
     ('"text"', 422), ("null", 422), ('{"label": "Account", "id": "\\ud800"}', 400)],
)  # fmt: skip
def test_json_that_is_no_good_is_refused(client, text, status):
    answer = client.post("/api/v1/expand", data=text, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_other_content_types_are_415(client, kind):
    answer = client.post("/api/v1/expand", data=json.dumps(BODIES["/api/v1/expand"]), content_type=kind)
    assert answer.status_code == 415


def test_a_huge_body_is_413(client):
    answer = client.post("/api/v1/expand", data=b"x" * 3_000_000, content_type="application/json")
    assert answer.status_code == 413
    endless = client.post(
        "/api/v1/expand", input_stream=io.BytesIO(b"[" + b"1," * 2_000_000), content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )  # fmt: skip
    assert endless.status_code in (400, 413)  # never read past the limit


def test_the_description_is_valid_openapi_and_names_no_other_host(client):
    spec = client.get("/api/v1/openapi.json").json
    validate(spec)
    assert {"/api/v1/search", "/api/v1/expand", "/api/v1/exports/{format}"} <= set(spec["paths"])
    assert "://" not in json.dumps(spec)
