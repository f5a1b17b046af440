"""The pages: every one in both languages, names shown as text, nothing from elsewhere, nothing inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from small_town import CHAIN, FORMULA, HOSTILE

import webui
from core.db import transaction
from security import audit
from security.audit import AuditFilter
from webui.catalogue import COMPILED, read_words

PAGES = [
    "/", "/search", "/search?q=A-", "/search/suggest?q=A-mule", "/findings", f"/findings/{CHAIN}", "/findings/F-community",
    "/node?label=Account&id=A-mule1", "/node?label=Device&id=D1", "/node?label=Person&id=P1", "/explorer",
    f"/explorer?finding={CHAIN}", "/console", "/runs", "/runs/live", "/gangs", "/areas", "/audit", "/evaluation", "/people", "/me", "/me/password", "/api/docs", "/nope",
    "/alerts", "/holds", "/rules", "/lists", "/numbers", "/warnings", "/deliveries", "/console/detectors",
]  # fmt: skip


@pytest.fixture(scope="module")
def everyone(client_of, make_person):
    """Somebody who sees every page."""
    return client_of(make_person("analyst", "supervisor", "administrator"))


class Reader(HTMLParser):
    """Collects what a strict policy forbids."""

    def __init__(self):
        super().__init__()
        self.bad, self.scripts = [], []

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.bad += [f"{tag} {name}" for name in told if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action", "formaction", "hx-get", "hx-post"):
            address = told.get(name) or ""
            if (address and not address.startswith(("/", "#"))) or address.startswith("//"):
                self.bad.append(f"{tag} {name}={address}")
        if tag in ("script", "style"):
            self.scripts.append(tag)
            if tag == "style" or not told.get("src"):
                self.bad.append(f"inline {tag}")
        if tag in ("iframe", "object", "embed", "base"):
            self.bad.append(tag)


@pytest.mark.parametrize("address", PAGES)
def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(everyone, address):
    answer = everyone.get(address)
    assert answer.status_code == (404 if address == "/nope" else 200), answer.text[:500]
    reader = Reader()
    reader.feed(answer.text)
    assert reader.bad == []
    assert HOSTILE not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address", [f"/findings/{CHAIN}", "/node?label=Account&id=A-mule1", "/search?q=A-mule1", "/search?q=A-"]
)
def test_hostile_names_are_shown_as_text(everyone, address):
    answer = everyone.get(address, follow_redirects=True)
    assert "&lt;script&gt;window.ran=1&lt;/script&gt;" in answer.text


def test_misleading_characters_are_written_out(everyone):
    page = everyone.get("/node?label=Account&id=A-collector").text
    assert "\u202e" not in page
    assert "invoice⟨U+202E⟩fdp.exe" in page


def test_a_finding_says_who_why_against_evidence_money_and_origin(everyone):
    page = everyone.get(f"/findings/{CHAIN}").text
    for part in ("94 % went on", "A-mule2 kept 100,000 fen", "suggestion", "50,000.00 CNY", "47,000.00 CNY", "cash-out",
                 "2024-05-01 12:45:00", "run-1", "window_s", "3600", "rent, card ****1111"):  # fmt: skip
        assert part in page, part
    assert "4111" not in page


def test_transfers_name_the_accounts_at_their_ends(everyone):
    for address in ("/node?label=Account&id=A-mule1", f"/findings/{CHAIN}"):
        table = everyone.get(address).text.rpartition("<tbody>")[2]
        assert "A-victim" in table and 'title="王芳">王芳</span>' in table, address


def test_an_account_pages_through_its_transfers(everyone):
    page = everyone.get("/node?label=Account&id=A-mule1&direction=out").text
    assert "29,000.00 CNY" in page and "50,000.00 CNY" not in re.sub(r"<h1.*?</h1>", "", page)
    assert everyone.get("/node?label=Account&id=nobody").status_code == 404
    assert everyone.get("/node?label=Nope&id=x").status_code == 404
    for bad in ("offset=-1", "offset=1e9", "offset=99999999", "direction=up", "offset=１"):
        assert everyone.get(f"/node?label=Account&id=A-mule1&{bad}").status_code == 422, bad


def test_an_exact_id_opens_its_page_at_once(everyone):
    assert everyone.get("/search?q=D1").location == "/node?label=Device&id=D1"


def test_filters_of_findings_hold_and_refuse_nonsense(everyone):
    assert "Two accounts on one device" not in everyone.get("/findings?kind=mule_chain").text
    assert everyone.get("/findings?order=latest&min_score=0.5&text=chain").status_code == 200
    for bad in ("order=f.score", "min_score=7", "min_score=nan", "offset=-5"):
        assert everyone.get(f"/findings?{bad}").status_code == 422, bad


def test_the_console_runs_keeps_and_downloads(everyone, client_as):
    query = "MATCH (a:Account) WHERE a.id STARTS WITH 'A-mule' RETURN a, a.name AS name ORDER BY a.id"
    page = everyone.post("/console", data={"cypher": query})
    assert page.status_code == 200 and "&lt;script&gt;" in page.text and "data-explorer-embed" in page.text
    typed = everyone.post(
        "/console", data={"cypher": "MATCH (a:Account)\r\nRETURN a.id"}
    ).text  # as browsers send lines
    assert "MATCH (a:Account)\nRETURN a.id" in typed and "U+000D" not in typed
    refused = everyone.post("/console", data={"cypher": "CREATE (:Account {id: 'x'})"})
    assert refused.status_code == 422 and "alert-danger" in refused.text
    assert everyone.post("/console", data={"cypher": query, "params": "{"}).status_code == 422
    file = everyone.post("/console/csv", data={"cypher": query})
    text = file.data.decode("utf-8-sig")
    assert file.mimetype == "text/csv" and "\r\n" in text
    assert f'"\'{FORMULA.replace(chr(34), chr(34) * 2)}"' in text
    assert everyone.post("/console/saved", data={"title": "Mules <b>", "cypher": query}).status_code == 303
    kept = everyone.get("/console").text
    assert "Mules &lt;b&gt;" in kept
    other = client_as("analyst")
    assert "Mules" not in other.get("/console").text
    address = re.search(r"/console/saved/[^/]+/delete", kept).group()
    assert other.post(address).status_code == 404
    assert everyone.post(address).status_code == 303


def test_people_are_made_and_their_password_is_shown_once(everyone):
    page = everyone.post("/people", data={"name": "zhang.wei", "full_name": "<b>张伟</b>", "roles": ["investigator"]})
    assert re.search(r"data-one-time>[A-Za-z2-9]{5}(-[A-Za-z2-9]{5}){3}<", page.text)
    assert "<b>张伟" not in page.text
    assert "data-one-time" not in everyone.get("/people").text
    assert everyone.post("/people", data={"name": "zhang.wei", "roles": ["investigator"]}).status_code == 409
    assert everyone.post("/people", data={"name": "nobody", "roles": ["emperor"]}).status_code == 422


def test_nobody_changes_their_own_rights(services, client_of, make_person):
    person = make_person("administrator")
    client = client_of(person)
    assert client.post(f"/people/{person.id}/roles", data={"roles": ["analyst"]}).status_code == 403
    assert client.post(f"/people/{person.id}/enabled", data={"enabled": "no"}).status_code == 403
    assert client.post("/people/nobody/roles", data={"roles": ["analyst"]}).status_code == 404


def test_the_audit_page_filters_and_refuses_nonsense(everyone):
    everyone.get("/node?label=Account&id=A-clean")
    page = everyone.get("/audit?action=node.read&actor=analyst&text=A-clean&outcome=ok&from=2020-01-01T00:00").text
    assert "Account:A-clean" in page and "session.sign_in</td>" not in page
    assert "Account:A-clean" not in everyone.get("/audit?outcome=other&action=node.read&text=A-clean").text
    for bad in ("from=yesterday", "outcome=maybe", "offset=-1", "to=9999-12-31T23:59Z"):
        assert everyone.get(f"/audit?{bad}").status_code == 422, bad
    assert everyone.get("/audit?to=9999-12-31T23:59Z%00").status_code == 400


def test_every_read_and_query_is_on_record(services, client_of, make_person):
    person = make_person("analyst")
    client = client_of(person)
    client.get("/search?q=A-&label=Account")
    client.get("/node?label=Account&id=A-mule1")
    client.get(f"/findings/{CHAIN}")
    client.post("/api/v1/expand", json={"label": "Account", "id": "A-cash"})
    client.post("/api/v1/cypher", json={"query": "MATCH (p:Person) RETURN p.id"})
    client.post("/api/v1/cypher", json={"query": "MATCH (p:Person) DELETE p"})
    client.post("/api/v1/exports/gexf", json={"keys": [["Device", "D1"]], "title": "mine"})
    client.get("/api/v1/node?label=Account&id=nobody")
    client.get("/audit")
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(actor=person.name), 200, 0)
    told = [(line.action, line.target, line.outcome) for line in reversed(lines)]
    for line in [
        ("graph.search", "A-", "ok"), ("node.read", "Account:A-mule1", "ok"), ("finding.read", f"Finding:{CHAIN}", "ok"),
        ("node.expand", "Account:A-cash", "ok"), ("cypher.run", "console", "ok"), ("cypher.run", "console", "query_refused"),
        ("graph.export", "gexf", "ok"), ("node.read", "Account:nobody", "not_found"), ("access.refused", "/audit", "refused"),
    ]:  # fmt: skip
        assert line in told, (line, told)
    queries = [line.detail for line in lines if line.action == "cypher.run"]
    assert any("DELETE p" in detail for detail in queries)
    assert {line.origin for line in lines if line.action != "person.change_password"} == {"127.0.0.1"}


def test_what_is_not_on_record_is_not_shown(services, client_of, make_person, monkeypatch):
    client = client_of(make_person("analyst"))

    def broken(*_args, **_more):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "append", broken)
    answer = client.get("/api/v1/node?label=Account&id=A-mule1")
    assert answer.status_code == 500
    assert "A-mule1" not in answer.json["detail"]


def test_every_message_has_chinese_words_and_the_compiled_file_is_current():
    def singular(key):
        return key if isinstance(key, str) else key[0]

    written = {singular(message.id): singular(message.string) for message in read_words() if message.id}
    used = {
        singular(found[2])
        for found in extract_from_dir(
            Path(webui.__file__).parent, method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
            options_map={"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}},
            keywords={"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)},
        )
    }  # fmt: skip
    # sentences that scoring makes and pages say
    for room, files in (("scoring", ("**.py",)), ("usecases", ("flight*.py", "rule_sets.py"))):
        used |= {
            found[2]
            for found in extract_from_dir(
                Path(webui.__file__).parents[1] / room, method_map=[(name, "python") for name in files],
                keywords={"say": None},
            )
        }  # fmt: skip
    assert sorted(used - {key for key, said in written.items() if said}) == []
    with COMPILED.open("rb") as file:
        compiled = {singular(message.id): singular(message.string) for message in read_mo(file) if message.id}
    assert compiled == written


def test_the_overview_begins_with_whole_structures_and_the_loads_of_data(everyone):
    page = everyone.get("/").text
    assert f"/findings/{CHAIN}" in page and "/findings?kind=mule_chain" in page
    loads = page[page.index("Latest loads") :]
    assert "small_town.csv" in loads and ">run-1<" not in loads, "findings are no load of data"


def test_words_follow_the_reader_not_whoever_came_first(everyone):
    figures = re.compile('class="rt-figures".*?</section>', re.DOTALL)
    assert "Account" in figures.search(everyone.get("/").text).group()
    chinese = figures.search(everyone.get("/", headers={"Accept-Language": "zh-CN"}).text).group()
    assert "账户" in chinese and "Account" not in chinese


@pytest.mark.parametrize(
    "address", [address for address in PAGES if not address.startswith(("/search/suggest", "/runs/live"))]
)
def test_pages_speak_chinese(everyone, address):
    page = everyone.get(address, headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="zh-CN"' in page
    assert re.search("总览|设置密码", page)
    for english in ("Sign out", "Overview", "Findings<", "Audit log", "Search by"):
        assert english not in page, english
