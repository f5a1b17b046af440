"""Verdicts on findings: who may do what when, one after the other, never changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from cases import verdicts
from cases.verdict_tables import VerdictRow
from cases.verdicts import NEXT, Judged, Status, Verb
from core.db import Base, make_engine, transaction
from core.errors import BadInput, Conflict, NotAllowed

WANG, LI = ("u-wang", "Wang"), ("u-li", "Li")
FINDING = Judged("F1", "mule_chain", "1.0", "run-1", 1, 0.9, "abc")
GROUNDS = "statement of the victim fits the chain"


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    Base.metadata.create_all(made, tables=[VerdictRow.__table__])
    yield made
    made.dispose()


def act(engine, verb, by=WANG, finding=FINDING, grounds=GROUNDS, seen=None):
    with transaction(engine) as session:
        return verdicts.give(session, finding, verb, grounds, by, seen)


def test_two_people_make_an_adoption(engine):
    assert act(engine, Verb.ADOPT).status is Status.PROPOSED
    with pytest.raises(NotAllowed, match="second person") as refused:
        act(engine, Verb.CONFIRM)
    assert refused.value.code == "four_eyes"
    done = act(engine, Verb.CONFIRM, LI)
    assert (done.status, done.step, done.by_name) == (Status.ADOPTED, 2, "Li")
    with transaction(engine) as session:
        assert [(v.verb, v.by_id) for v in verdicts.history(session, "F1")] == [
            (Verb.ADOPT, "u-wang"), (Verb.CONFIRM, "u-li"),
        ]  # fmt: skip
        assert verdicts.latest(session, ["F1", "F2"]) == {"F1": done}
        assert verdicts.with_status(session, Status.ADOPTED) == ["F1"]


def test_one_person_may_take_an_adoption_back(engine):
    act(engine, Verb.ADOPT)
    act(engine, Verb.CONFIRM, LI)
    assert act(engine, Verb.REJECT, LI).status is Status.REJECTED
    with pytest.raises(Conflict):
        act(engine, Verb.CONFIRM, LI)


def test_a_verdict_needs_grounds(engine):
    for grounds in ("", "   \n ", "yes", "x" * 4_001):
        with pytest.raises(BadInput, match="grounds"):
            act(engine, Verb.REJECT, grounds=grounds)


def test_who_saw_an_older_state_is_refused(engine):
    act(engine, Verb.NEED_MORE, seen=0)
    with pytest.raises(Conflict, match="meanwhile"):
        act(engine, Verb.ADOPT, LI, seen=0)
    assert act(engine, Verb.ADOPT, LI, seen=1).step == 2


def test_two_at_the_same_moment_cannot_both_be_next(engine):
    act(engine, Verb.ADOPT)
    with transaction(engine) as session:
        row = session.query(VerdictRow).one()
        twin = {c.name: getattr(row, c.name) for c in VerdictRow.__table__.columns if c.name != "seq"}
    with pytest.raises(DatabaseError, match=r"(?i)unique"), engine.begin() as connection:
        connection.execute(VerdictRow.__table__.insert().values(**twin))


@pytest.mark.parametrize("statement", ["UPDATE finding_verdict SET status = 'adopted'", "DELETE FROM finding_verdict"])
def test_the_database_itself_refuses_to_change_a_verdict(engine, statement):
    act(engine, Verb.REJECT)
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_equal_findings_of_other_runs_are_named(engine):
    act(engine, Verb.REJECT)
    again, other = replace(FINDING, finding_id="F2", run_id="run-2"), replace(FINDING, finding_id="F3", content="x")
    with transaction(engine) as session:
        assert [v.judged.finding_id for v in verdicts.of_equal_findings(session, again)] == ["F1"]
        assert verdicts.of_equal_findings(session, other) == []
        assert verdicts.of_equal_findings(session, FINDING) == []


def test_determinations_count_last_acts_by_algorithm_and_version(engine):
    for number, path in enumerate(["ac", "r", "r", "a", "acr"]):
        finding = replace(FINDING, finding_id=f"F{number}")
        for letter in path:
            verb = {"a": Verb.ADOPT, "c": Verb.CONFIRM, "r": Verb.REJECT}[letter]
            act(engine, verb, LI if letter == "c" else WANG, finding)
    act(engine, Verb.REJECT, finding=replace(FINDING, finding_id="G", kind="cycle", algorithm_version="2"))
    with transaction(engine) as session:
        cycle, chain = verdicts.determinations(session)
        assert verdicts.determinations(session, kind="cycle") == [cycle]
        assert verdicts.determinations(session, to_ms=1) == []
    assert (chain.kind, chain.adopted.right, chain.adopted.of, chain.open) == ("mule_chain", 1, 4, 1)
    assert (cycle.algorithm_version, cycle.adopted.right, cycle.adopted.of) == ("2", 0, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Verb)), st.sampled_from([WANG, LI])), max_size=8))
def test_whatever_is_tried_adoption_takes_two_different_people(tries):
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[VerdictRow.__table__])
    with Session(engine) as session:
        for verb, by in tries:
            try:
                verdicts.give(session, FINDING, verb, GROUNDS, by)
            except (Conflict, NotAllowed):
                continue
        acts = verdicts.history(session, "F1")
    status = Status.SUGGESTED
    for step, done in enumerate(acts, start=1):
        assert (done.step, done.status) == (step, NEXT[status, done.verb])
        if done.status is Status.ADOPTED:
            assert acts[step - 2].verb is Verb.ADOPT and acts[step - 2].by_id != done.by_id
        status = done.status
