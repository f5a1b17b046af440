"""The words the explorer's page hands to the browser: those of all pages, whole in Chinese."""

from __future__ import annotations

import html
import json
import re

import pytest

from graph.schema import NODES, RELS
from webui.words import MEMBER_ROLES

META = re.compile(r'<meta name="ringtrace-words" content="([^"]*)">')


def _handed(page: str) -> dict[str, dict[str, str]]:
    found = META.search(page)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture
def investigator(client_of, make_person):
    return client_of(make_person("investigator"))


def test_english_pages_hand_over_the_words_of_other_pages_and_leave_relationships_to_cypher(investigator):
    given = _handed(investigator.get("/explorer").text)
    assert given["names"]["IP"] == "IP address" and given["names"]["Handle"] == "Social account"
    assert given["names"]["opening_balance_minor"] == "opening balance" and given["names"]["cash_out"] == "cash-out"
    assert not set(given["names"]) & set(RELS)


def test_every_label_relationship_property_and_role_is_chinese_in_chinese(investigator):
    given = _handed(investigator.get("/explorer", headers={"Accept-Language": "zh"}).text)
    columns = {prop.name for kind in (*NODES.values(), *RELS.values()) for prop in kind.columns}
    wanted = {*NODES, *RELS, *columns, *MEMBER_ROLES}
    assert wanted <= set(given["names"])
    assert [name for name in sorted(wanted) if not re.search("[\u4e00-\u9fff]", given["names"][name])] == []
    assert given["values"]["kind:short_code"] not in ("", "short_code")
    assert [
        key for key, text in given["values"].items() if not (re.search("[\u4e00-\u9fff]", text) or text.isupper())
    ] == []


def test_a_node_has_a_page_to_go_to(investigator):
    page = investigator.get("/explorer").text
    assert '<meta name="ringtrace-node-url" content="/node">' in page


def test_the_formats_of_the_export_menu_are_told_in_the_readers_language_and_to_scripts_in_english(investigator):
    asked = {"Accept-Language": "zh", "Ringtrace-Sentences": "reader"}
    titles = [item["title"] for item in investigator.get("/api/v1/exports", headers=asked).json["formats"]]
    assert titles and [title for title in titles if not re.search("[\u4e00-\u9fff]", title)] == []
    assert "PDF document" in [
        item["title"] for item in investigator.get("/api/v1/exports", headers={"Accept-Language": "zh"}).json["formats"]
    ]
