"""Evaluating as a use case: permission, audit, labelled data that was loaded, and rates for findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.db import transaction
from core.errors import BadInput, NotAllowed
from core.settings import Settings
from loaders.town.generate import generate
from security import audit
from security.audit import AuditFilter
from security.roles import Actor, system_actor
from usecases import bootstrap, evaluate
from usecases.evaluate import Ask
from usecases.load import load

FEW = ("mule_chain", "risk")


@pytest.fixture
def services(tmp_path):
    made = bootstrap.open_ledger(Settings(home=tmp_path / "home"))
    yield made
    bootstrap.close(made)


def audited(services):
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(), 50, 0)
    return [(line.action, line.outcome) for line in lines]


def test_loaded_data_with_labels_is_evaluated_without_a_store_and_nothing_is_written_to_the_ledger(services, tmp_path):
    with pytest.raises(BadInput, match="carries labels"):
        evaluate.evaluate(services, system_actor(), Ask(loaded=True, names=FEW))
    generate(tmp_path / "town", transfers=6_000, seed=7, difficulty="easy")
    load(services, system_actor(), tmp_path / "town")
    before = services.ledger.head_seq()
    report, kept = evaluate.evaluate(services, system_actor(), Ask(loaded=True, names=FEW, title="ours"))
    assert services.ledger.head_seq() == before
    assert (report.title, kept.title) == ("ours", "ours")
    setting = report.settings[0]
    assert setting.name == "loaded data" and setting.data[0].version == "data version 1"
    chain = next(result for result in setting.algorithms if result.name == "mule_chain")
    assert chain.account_ap.value > 0.5
    assert setting.fairness[0].rows and {row.dimension for row in setting.fairness[0].rows} == {"age", "region", "bank"}
    assert evaluate.reports(services, system_actor()) == [kept]
    assert evaluate.report(services, system_actor(), kept.id) == (kept, report)
    top = max(band.low for band in chain.bands if band.of)
    asked = [{"kind": "mule_chain", "algorithm_version": chain.version, "score": top}, {"kind": "unheard", "algorithm_version": "1", "score": 0.5}]  # fmt: skip
    known, unknown = evaluate.rates_of(services, system_actor(), asked)
    assert any(rate.setting == "loaded data" and rate.report_id == kept.id for rate in known.rates)
    assert unknown.first is None and "not measured" in unknown.why
    assert ("evaluation.run", "ok") in audited(services) and ("evaluation.run", "no_truth") in audited(services)


def test_who_may_not_evaluate_is_refused_and_on_record(services):
    nobody = Actor("u", "Wang", frozenset({"investigator"}))
    with pytest.raises(NotAllowed):
        evaluate.evaluate(services, nobody, Ask(sizes=(6_000,)))
    assert ("evaluation.run", "refused") in audited(services)
    with pytest.raises(NotAllowed):
        evaluate.reports(services, Actor("u", "Wang", frozenset()))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Ask(), "name something"),
        (Ask(sizes=(6_000,), seeds=()), "1 to 20"),
        (Ask(sizes=(6_000,), seeds=(7, 7)), "different seeds"),
        (Ask(sizes=(6_000,), operating=0), "operating"),
        (Ask(sizes=(6_000,), parameters={"cycle": {}}), "not kept"),
        (Ask(sizes=(6_000,), replays=0), "replays 1"),
        (Ask(sizes=(6_000,), names=("nope",)), "unknown algorithm"),
    ],
)
def test_wrong_requests_are_refused_in_one_line(services, ask, said):
    with pytest.raises(BadInput, match=said):
        evaluate.evaluate(services, system_actor(), ask)


def test_other_parameters_are_measured_and_not_kept(services, tmp_path):
    (tmp_path / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n1,1,9,1\n2,1,9,1\n3,1,9,1\n4,0,9,-1\n")
    (tmp_path / "transactions.csv").write_text(
        "sourceNodeId,targetNodeId,value,time\n1,2,50.00,1\n2,3,49.00,40\n3,1,48.00,80\n4,1,5.00,2\n"
    )
    ask = Ask(files=((tmp_path, None),), names=("cycle",), operating=0.1)
    plain, _ = evaluate.evaluate(services, system_actor(), ask, save=False)
    slow = replace(ask, parameters={"cycle": {"window_s": 100 * 86_400}})
    report, kept = evaluate.evaluate(services, system_actor(), slow, save=False)
    assert kept is None and evaluate.reports(services, system_actor()) == []
    before, after = (made.settings[0].algorithms[0] for made in (plain, report))
    assert (before.findings, after.findings, after.parameters["window_s"]) == (0, 1, 100 * 86_400)
    with pytest.raises(BadInput, match="cycle: window_s"):
        evaluate.evaluate(services, system_actor(), replace(ask, parameters={"cycle": {"window_s": -1}}), save=False)
