"""From a bank's transfer to the pages: why it was held or alerted is read in Chinese, and in English by whoever reads English."""

from __future__ import annotations

from html import unescape

import pytest
import small_town
from conftest import PASSWORD

from core.clock import now_ms
from core.db import transaction
from core.message import say
from scoring import ruleset
from scoring.tables import HoldRow, ScoredTransferRow
from scoring.transfer import transfer_of
from security.roles import Actor, system_actor
from usecases import access, bootstrap, people, rule_sets, watch_lists
from webui.app import create_app

BANK = Actor("key-1", "core banking", frozenset({"bank_system"}))
ANALYST = Actor("user-2", "li", frozenset({"analyst"}))
OUT = "the graph store is 21 batches behind"


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """(services, a supervisor's client, answers to a held transfer and to one without the network)."""
    services = bootstrap.with_scoring(small_town.build(tmp_path_factory.mktemp("reasons")))
    services.scoring.start()
    made = people.create(services, system_actor(), "sup", ["supervisor"], "Sup")
    access.change_password(services, made.person.actor(""), made.password, PASSWORD)
    text = ruleset.default_text().replace("cross_border: {score: 0.3}", "cross_border: {score: 0.75}")
    proposed = rule_sets.propose(services, ANALYST, text, "payments abroad count more")
    bad = watch_lists.Addition("illegal", "account", "A-victim", "sold on a forum", 30)
    watch_lists.add(services, ANALYST, bad)
    rule_sets.back_test(services, ANALYST, proposed.version)
    services.scoring.use_rules(ruleset.parse(text), proposed.version)
    move = {"payer": "A-clean", "payee": "A-abroad", "currency": "CNY", "at_ms": now_ms()}
    held = transfer_of({"id": "R-1", "payee_country": "MM", "amount_minor": 600_000, **move})
    (first,) = services.scoring.submit(BANK, [held])
    services.scoring.set_outage(say("the graph store is {n} batches behind", n=21))
    (second,) = services.scoring.submit(BANK, [transfer_of({"id": "R-2", "amount_minor": 100, **move})])
    services.settle_tables()
    client = create_app(services).test_client()
    with client.session_transaction() as session:
        session["sid"] = access.sign_in(services, "sup", PASSWORD, "127.0.0.1").token
    yield services, client, first, second
    bootstrap.close(services)


def read(client, address, language="zh-CN"):
    page = client.get(address, headers={"Accept-Language": language})
    assert page.status_code == 200
    return unescape(page.text)


def test_a_held_transfer_says_why_in_the_readers_language(scored):
    _, client, held, _ = scored
    assert held.answer == "hold" and "6,000.00 CNY leave the country" in {hit.reason for hit in held.hits}
    for address in ("/alerts", "/alerts/R-1", "/holds", f"/holds/{held.hold.id}"):
        chinese, english = read(client, address), read(client, address, "en-GB")
        assert "6,000.00 CNY 转往境外" in chinese and "leave the country" not in chinese, address
        assert "6,000.00 CNY leave the country" in english and "转往境外" not in english, address


def test_a_missing_network_says_why_in_the_readers_language(scored):
    _, client, _, review = scored
    assert (review.answer, review.network) == ("review", f"unavailable: {OUT}")
    for address in ("/alerts", "/alerts/R-2", "/holds", f"/holds/{review.hold.id}"):
        chinese = read(client, address)
        assert "不可用：图数据库落后 21 批" in chinese and OUT not in chinese, address
        assert f"unavailable: {OUT}" in read(client, address, "en-GB"), address


def test_a_back_test_says_its_examples_in_the_readers_language(scored):
    _, client, _, _ = scored
    chinese, english = read(client, "/rules/1"), read(client, "/rules/1", "en-GB")
    assert "没有规则命中；金额 800,000.00" in chinese and "no rule fired" not in chinese
    assert "确认为欺诈的预警和名单上的收款方" in chinese
    assert "no rule fired; amount 800,000.00" in english and "alerts confirmed as fraud and payees on lists" in english


def test_rows_from_before_stay_english(scored):
    services, client, held, _ = scored
    with transaction(services.engine) as session:
        for table, key in ((ScoredTransferRow, "R-1"), (HoldRow, held.hold.id)):
            kept = session.get(table, key).packed
            assert kept, "this test is about rows that lose it"
            session.get(table, key).packed = None
    for address in ("/alerts/R-1", "/holds", f"/holds/{held.hold.id}"):
        assert "6,000.00 CNY leave the country" in read(client, address), address
