"""Runs in the background: progress, time left, stopping that leaves nothing half-written, refusal for want of memory."""

from __future__ import annotations

import threading

import contract_rows as rows
import pytest

from algorithms._base import Algorithm, Found, Member, Params, Task
from core.errors import BadInput, Cancelled, Conflict, NotAllowed, NotFound, TooLarge
from graph.intake import Intake, Source
from ledger.projection import catch_up, check
from security.roles import Actor, system_actor
from usecases import bootstrap, detect, run_plan, runs
from usecases.pace import Pace


class NoParams(Params):
    """None."""


class Gate:
    """An algorithm that reports a little progress, waits to be let go, then reports the rest."""

    def __init__(self, name: str) -> None:
        self.name, self.entered, self.open = name, threading.Event(), threading.Event()

    def find(self, task: Task, _params: NoParams) -> list[Found]:
        task.progress(0.5, "half")
        self.entered.set()
        assert self.open.wait(20)
        task.progress(0.9, "nearly")
        return [Found(f"{self.name} found", 0.5, (Member("Account", "a1", "member"),))]

    def algorithm(self) -> Algorithm:
        return Algorithm(self.name, "1", self.name, NoParams, self.find)


@pytest.fixture
def services(settings):
    with bootstrap.running(settings) as made:
        facts = (rows.many_accounts(5), rows.many_transfers(20, 5))
        made.ledger.append(Source("x", "test", "x"), [Intake(facts=facts, rows_read=25)], by="test")
        catch_up(made.ledger, made.store)
        yield made


@pytest.fixture
def gates(monkeypatch):
    made = [Gate("first"), Gate("second")]
    known = {gate.name: gate.algorithm() for gate in made}
    monkeypatch.setattr(detect, "catalog", lambda: known)
    monkeypatch.setattr(detect, "order", lambda names: [known[name] for name in names])
    return made


def test_a_run_is_followed_to_its_end(services, gates):
    board = runs.RunBoard(services)
    started = board.start(system_actor(), [])
    assert started.state == "running" and started.algorithms == ("first", "second")
    assert gates[0].entered.wait(20)
    now = board.view(system_actor(), started.id)
    assert (now.algorithm, now.what, now.share) == ("first", "half", pytest.approx(0.25))
    assert now.left_s is not None and now.left_s >= 0
    with pytest.raises(Conflict, match="going on"):
        board.start(system_actor(), [])
    for gate in gates:
        gate.open.set()
    board.wait(started.id, 30)
    (done,) = board.all(system_actor())
    assert (done.state, done.share, done.findings, done.left_s) == ("done", 1.0, 2, None)
    assert [item.algorithm for item in done.results] == ["first", "second"]
    assert services.store.query("MATCH (f:Finding) RETURN DISTINCT f.run_id").rows == ((started.id,),)


def test_a_stopped_run_keeps_what_was_whole_and_nothing_else(services, gates):
    board = runs.RunBoard(services)
    run = board.start(system_actor(), [])
    gates[0].open.set()
    assert gates[1].entered.wait(20)
    assert board.stop(system_actor(), run.id).state == "stopping"
    gates[1].open.set()
    board.wait(run.id, 30)
    ended = board.view(system_actor(), run.id)
    assert (ended.state, ended.findings, ended.error) == ("cancelled", 1, "")
    assert services.store.query("MATCH (f:Finding) RETURN f.kind").rows == (("first",),)
    check(services.ledger, services.store)


def test_closing_stops_what_runs(services, gates):
    board = runs.RunBoard(services)
    run = board.start(system_actor(), ["first"])
    assert gates[0].entered.wait(20)
    threading.Timer(0.1, gates[0].open.set).start()
    runs.stop_all()
    assert board.view(system_actor(), run.id).state == "cancelled"


def test_a_failure_is_said_in_one_line(services, monkeypatch):
    def broken(_task, _params):
        raise ZeroDivisionError

    algorithm = Algorithm("broken", "1", "broken", NoParams, broken)
    monkeypatch.setattr(detect, "catalog", lambda: {"broken": algorithm})
    monkeypatch.setattr(detect, "order", lambda _names: [algorithm])
    board = runs.RunBoard(services)
    run = board.start(system_actor(), [])
    board.wait(run.id, 30)
    assert (board.view(system_actor(), run.id).state, board.view(system_actor(), run.id).error) == (
        "failed", "broken failed unexpectedly: see the server's log",
    )  # fmt: skip


def test_what_may_not_or_cannot_run_does_not_start(services, gates, monkeypatch):
    board = runs.RunBoard(services)
    with pytest.raises(NotAllowed):
        board.start(Actor("x", "nobody", frozenset()), [])
    with pytest.raises(BadInput, match="unknown algorithm 'third'"):
        board.start(system_actor(), ["third"])
    with pytest.raises(BadInput, match="unknown engine"):
        board.start(system_actor(), [], "quantum")
    monkeypatch.setattr(run_plan.memory, "available_bytes", lambda: 256 << 20)
    with pytest.raises(TooLarge, match="first needs about 1 MiB of memory, 0 MiB can be had"):
        board.start(system_actor(), [])
    with pytest.raises(NotFound):
        board.stop(system_actor(), "run-x")
    assert board.all(system_actor()) == ()


def test_pace_weighs_algorithms_by_the_time_they_took():
    clock = iter([0.0, 10.0, 20.0])
    pace = Pace(["a", "b"], clock=lambda: next(clock), known={"a": 30.0, "b": 10.0})
    assert pace.left_s is None
    pace.hear("a", 1.0, "")
    assert pace.share == pytest.approx(0.75) and pace.left_s == pytest.approx(20 / 3)
    pace.hear("a", 0.2, "")
    assert pace.share == pytest.approx(0.75)
    pace.stop()
    with pytest.raises(Cancelled):
        pace.hear("b", 0.1, "")


def test_the_plan_names_engine_reason_and_memory(services):
    plan = {item.algorithm: item for item in run_plan.planned(services, detect.chosen(["community", "fan_in"]))}
    assert (plan["fan_in"].engine, plan["fan_in"].why) == ("local", "the only engine it has")
    assert plan["community"].engine == "local" and "not in Neo4j" in plan["community"].why
    assert plan["community"].needed_bytes >= 20 * 600


@pytest.mark.parametrize(
    ("name", "asked", "store", "engine"),
    [
        ("community", "auto", "neo4j", "local"), ("community", "gds", "neo4j", "gds"), ("community", "local", "neo4j", "local"),
        ("fan_in", "gds", "neo4j", "local"), ("component", "auto", "ladybug", "local"),
    ],
)  # fmt: skip
def test_the_engine_follows_the_rule_and_says_why(name, asked, store, engine):
    (item,) = detect.chosen([name])
    used, why = run_plan.engine_for(item, asked, store)
    assert used == engine and why
    with pytest.raises(BadInput, match="unknown engine 'quantum': use auto, local, gds"):
        run_plan.engine_for(item, "quantum", store)
    with pytest.raises(BadInput, match="RINGTRACE_STORE=neo4j"):
        run_plan.engine_for(detect.chosen(["component"])[0], "gds", "ladybug")
