"""A change and its audit line are one transaction: every use case that changes the system database is tried with a line that fails."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import small_town
from sqlalchemy import event, select, update
from with_endpoint import with_endpoint

import usecases
from core.clock import now_ms
from core.db import Base, transaction
from core.errors import RingtraceError
from outbox.endpoint_proposal import Wanted
from outbox.tables import DeliveryRow
from scoring import ruleset
from scoring.holds import Verb
from scoring.transfer import transfer_of
from security.roles import Actor, system_actor
from security.tables import AuditRow
from security.workspace.detectors import Proposal
from usecases import (
    alerts,
    api_keys,
    bootstrap,
    casefiles,
    closures,
    console,
    deliveries,
    detectors,
    endpoint_changes,
    evaluate,
    evidence,
    holds,
    leads,
    people,
    query_library,
    rule_sets,
    verdicts,
    verification,
    views,
    warning_lists,
    watch_lists,
)  # fmt: skip

ALL = frozenset({"analyst", "supervisor", "investigator", "administrator", "task_force"})
ONE, TWO = Actor("user-1", "wang", ALL), Actor("user-2", "li", ALL)
BANK = Actor("key-1", "core banking", frozenset({"bank_system"}))
DOCUMENT = {
    "nodes": [{"label": "Account", "id": "A-clean", "x": 0, "y": 0}], "hidden": [], "notes": [], "layout": "force",
}  # fmt: skip
QUERIES = json.dumps(
    {"format": query_library.FORMAT, "version": 1, "queries": [
        {"title": "brought", "cypher": "MATCH (a:Account) RETURN a.id", "tags": [], "menu_label": "", "menu_parameter": ""},
    ]}
).encode()  # fmt: skip
CYPHER = "MATCH (a:Account) RETURN a LIMIT 1"


class Kept(dict[str, Any]):
    """The services, and what one change leaves for a later one."""

    services: Any

    def keep(self, name: str, made: Any) -> None:
        self[name] = made


def _proposed(w: Kept, name: str, action: str, by: Actor = ONE) -> Any:
    wanted = Wanted(name, action, "the bank has asked for it", f"{name} bank", "webhook", f"https://{name}.example/in")
    return endpoint_changes.propose(w.services, by, wanted)


def _doubt(w: Kept) -> str:
    with transaction(w.services.engine) as session:
        session.execute(update(DeliveryRow).values(state="unknown"))
        return str(session.scalars(select(DeliveryRow.id).limit(1)).one())


def _no_evaluation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluate, "_check", lambda *_: None)
    patch.setattr(evaluate, "_groups", lambda _services, _ask: [])


#: What each use case is asked to change, in this order: later ones stand on what earlier ones left.
CHANGES: dict[str, Callable[[Kept], Any]] = {
    "people.create": lambda w: w.keep("bob", people.create(w.services, ONE, "bob", ["analyst"]).person.id),
    "people.set_roles": lambda w: people.set_roles(w.services, ONE, w["bob"], ["supervisor"]),
    "people.set_enabled": lambda w: people.set_enabled(w.services, ONE, w["bob"], False),
    "people.reset_password": lambda w: people.reset_password(w.services, ONE, w["bob"]),
    "api_keys.create": lambda w: w.keep("key", api_keys.create(w.services, ONE, "bank", "bank_system", 5).key.id),
    "api_keys.revoke": lambda w: api_keys.revoke(w.services, ONE, w["key"]),
    "watch_lists.add": lambda w: w.keep(
        "entry", watch_lists.add(w.services, ONE, watch_lists.Addition("illegal", "account", "BAD", "sold online")).id
    ),
    "closures.ask": lambda w: closures.ask(w.services, ONE, w["entry"], "ICBC"),
    "closures.record": lambda w: closures.record(w.services, ONE, w["entry"], "closed", ""),
    "watch_lists.remove": lambda w: watch_lists.remove(w.services, ONE, w["entry"], "by mistake"),
    "watch_lists.propose_override": lambda w: w.keep(
        "override", watch_lists.propose_override(w.services, ONE, "A", "B", "their factory", 2).id
    ),
    "watch_lists.decide_override": lambda w: watch_lists.decide_override(w.services, TWO, w["override"], True),
    "rule_sets.propose": lambda w: w.keep(
        "rules", rule_sets.propose(w.services, ONE, ruleset.default_text(), "the same once more").version
    ),
    "rule_sets.back_test": lambda w: rule_sets.back_test(w.services, ONE, w["rules"]),
    "rule_sets.decide": lambda w: rule_sets.decide(w.services, TWO, w["rules"], True),
    "alerts.close": lambda w: alerts.close(w.services, ONE, "L-1", "fraud", "the victim said so"),
    "holds.set_webhook": lambda w: holds.set_webhook(w.services, ONE, "key-1", "there"),
    "verification.begin": lambda w: w.keep(
        "verify", verification.begin(w.services, BANK, w["hold"], "sms_code").id
    ),
    "verification.answer": lambda w: verification.answer(w.services, BANK, w["hold"], w["verify"], "no code"),
    "holds.appeal": lambda w: holds.appeal(w.services, BANK, w["hold"], "the customer is angry"),
    "holds.act": lambda w: holds.act(w.services, ONE, w["hold"], Verb.RELEASE, "asked the customer"),
    "endpoint_changes.propose": lambda w: w.keep("change", _proposed(w, "newbank", "new")),
    "endpoint_changes.approve": lambda w: endpoint_changes.approve(
        w.services, TWO, w["change"].id, w["change"].version
    ),
    "endpoint_changes.take_secret": lambda w: endpoint_changes.take_secret(w.services, ONE, w["change"].id),
    "endpoint_changes.reject": lambda w: endpoint_changes.reject(w.services, TWO, w["waiting"].id, "not now"),
    "deliveries.enable_endpoint": lambda w: deliveries.enable_endpoint(w.services, ONE, "there", False),
    "warning_lists.make": lambda w: w.keep(
        "warning", warning_lists.make(w.services, ONE, "Fake brokers", "paid into a chain", finding_id="F-chain").id
    ),
    "warning_lists.push": lambda w: warning_lists.push(w.services, ONE, w["warning"], "there"),
    "warning_lists.set_opt_out": lambda w: warning_lists.set_opt_out(w.services, ONE, "A-clean", True),
    "deliveries.settle": lambda w: deliveries.settle(w.services, ONE, w["delivery"], "arrived", "they called"),
    "views.save": lambda w: w.keep("view", views.save(w.services, ONE, "mine", DOCUMENT).id),
    "views.share": lambda w: views.share(w.services, ONE, w["view"], [], ["analyst"]),
    "views.delete": lambda w: views.delete(w.services, ONE, w["view"]),
    "console.save": lambda w: w.keep("query", console.save(w.services, w["ana"], "mine", CYPHER).id),
    "query_library.describe": lambda w: query_library.describe(w.services, w["ana"], w["query"], ["rings"], "", ""),
    "query_library.share": lambda w: query_library.share(w.services, w["ana"], w["query"], [], ["analyst"]),
    "query_library.from_file": lambda w: query_library.from_file(w.services, w["ana"], QUERIES),
    "console.delete": lambda w: console.delete(w.services, w["ana"], w["query"]),
    "detectors.propose": lambda w: w.keep(
        "detector", detectors.propose(w.services, ONE, Proposal("rings", "Rings", CYPHER, 0.5, "they form a ring")).id
    ),
    "detectors.decide": lambda w: detectors.decide(w.services, TWO, w["detector"], approve=True, note="seen it"),
    "detectors.retire": lambda w: detectors.retire(w.services, TWO, w["detector"], "enough of it"),
    "verdicts.give": lambda w: verdicts.give(
        w.services, ONE, "F-chain", verdicts.Verb.ADOPT, "the money went through in minutes"
    ),
    "leads.file": lambda w: w.keep(
        "lead", leads.file(w.services, ONE, leads.Report("hotline", "骗了 3 万元", accounts=("A-victim",))).lead_id
    ),
    "leads.trace_again": lambda w: leads.trace_again(w.services, ONE, w["lead"]),
    "leads.assign": lambda w: leads.assign(w.services, ONE, w["lead"]),
    "evidence.add_to_lead": lambda w: evidence.add_to_lead(w.services, ONE, w["lead"], "a.txt", b"said one"),
    "evidence.add_examined_to_lead": lambda w: evidence.add_examined_to_lead(
        w.services, ONE, w["lead"], evidence.Examined("b.txt", "text/plain", b"said two", "not scanned")
    ),
    "casefiles.open_from_lead": lambda w: w.keep("case", casefiles.open_from_lead(w.services, ONE, w["lead"])),
    "casefiles.note": lambda w: casefiles.note(w.services, ONE, w["case"], "called the bank"),
    "evidence.add": lambda w: evidence.add(w.services, ONE, w["case"], "c.txt", b"said three"),
    "evaluate.evaluate": lambda w: evaluate.evaluate(w.services, ONE, evaluate.Ask(title="nothing")),
}  # fmt: skip
#: They leave an audit line and change nothing in the system database but it: they read, or what they change is the ledger,
#: the graph store, a file or this process.
ELSEWHERE = {
    "alerts.listed", "alerts.read", "api_keys.list_keys", "audit_log.read", "auditing.refused",
    "changing.changing", "changing.reading", "console.plan", "console.run", "deliveries.listed",
    "detect._run_one", "detectors._run", "drills.act", "drills.begin", "drills.look", "evaluate.report",
    "evaluate.reports", "explore.account_transfers", "explore.between", "explore.expand",
    "explore.neighbour_counts", "explore.node", "explore.paths", "exporting.export", "findings.dossier",
    "findings.finding", "findings.list_findings", "findings.subgraph", "gangs.area_risk", "gangs.list_gangs",
    "gangs.profile", "graph_file.read", "holds.listed", "holds.view", "load.load", "money_flow.reachable",
    "money_flow.trace", "number_checks.check", "people.by_name", "people.list_people", "risk_model.score",
    "risk_model.train", "rule_sets.changes", "rule_sets.version", "rule_sets.versions", "runs.start",
    "runs.stop", "scripted_bank.serve", "search.search", "views.open_draft", "views.open_view",
    "warning_lists.export_csv", "warning_lists.listed", "warning_suggestions.suggested", "watch_lists.listed",
    "watch_lists.overrides",
}  # fmt: skip


def _calls(body: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(body) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def _audited() -> dict[str, set[str]]:
    """Every function of the use cases that leaves an audit line, with what it calls by name."""
    found = {}
    for path in sorted(Path(usecases.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and _calls(node) & {"audited", "changing"}:
                found[f"{path.stem}.{node.name}"] = _calls(node)
    return found


def test_every_use_case_with_an_audit_line_is_tried_or_known_to_change_nothing_here():
    audited = _audited()
    by_changing = {name for name, calls in audited.items() if "changing" in calls}
    assert sorted(set(audited) - by_changing - set(CHANGES)) == sorted(ELSEWHERE)
    assert set(CHANGES) <= set(audited)
    # whoever goes through `changing` has no transaction beside it to change in
    assert [n for n in by_changing if audited[n] & {"transaction", "first_wins"}] == []


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A scoring installation with a hold, an alert, an endpoint, a proposal that waits and a doubtful delivery to be."""
    services = bootstrap.with_scoring(small_town.build(tmp_path_factory.mktemp("lines")))
    services.scoring.start()
    text = ruleset.default_text().replace("cross_border: {score: 0.3}", "cross_border: {score: 0.75}")
    services.scoring.use_rules(ruleset.parse(text), 7)
    move = {"payer": "A-clean", "payee": "A-abroad", "currency": "CNY", "at_ms": now_ms(), "amount_minor": 600_000}
    (held,) = services.scoring.submit(BANK, [transfer_of({"id": "L-1", "payee_country": "MM", **move})])
    assert held.hold is not None and held.hold.needs == "verification" and held.alert
    services.settle_tables()
    made = Kept(hold=held.hold.id)
    made.services = services
    with_endpoint(services, "there", "http://127.0.0.1:9/in")
    made["ana"] = people.create(services, system_actor(), "ana", ["analyst"]).person.actor("")
    made["waiting"] = _proposed(made, "other", "new")
    warned = warning_lists.make(services, system_actor(), "Fake brokers", "paid into a chain", finding_id="F-chain")
    warning_lists.push(services, system_actor(), warned.id, "there")
    made["delivery"] = _doubt(made)
    yield made
    bootstrap.close(services)


def stored(services: Any) -> dict[str, list[str]]:
    """Every row of every table, the audit log by its number of lines alone."""
    services.settle_tables()
    with services.engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


def _full(*_: object) -> None:
    raise OSError("no space left on device")


def test_a_line_that_fails_leaves_no_change_and_a_change_leaves_its_line(world: Kept, monkeypatch) -> None:
    _no_evaluation(monkeypatch)
    lines = AuditRow.__tablename__
    for name, change in CHANGES.items():
        before = stored(world.services)
        event.listen(AuditRow, "before_insert", _full)
        try:
            with pytest.raises(OSError, match="no space"):
                change(world)
        finally:
            event.remove(AuditRow, "before_insert", _full)
        assert stored(world.services) == before, f"{name}: the change stands without its line"
        try:
            change(world)
        except RingtraceError as error:
            pytest.fail(f"{name}: what was rolled back cannot be made: {error}")
        after = stored(world.services)
        assert {table for table in after if after[table] != before[table]} > {lines}, f"{name} changes nothing"
        assert len(after[lines]) == len(before[lines]) + 1, f"{name} leaves one line"
