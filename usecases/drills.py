"""Drills: a generated case against the simulated bank on a clock of its own, worked with the real use cases, and scored.

A drill has its own database, files and clock under `drills/<id>` of the home folder: nothing of it touches real cases or
figures. The colleague who approves is played by the house. One process serves, so drills live in its memory as long as it runs.
"""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from cases.drill_score import DrillScore, score
from cases.order_tables import OrderRow
from cases.simulated_bank import SimulatedBank
from core.clock import now_ms
from core.db import make_engine, transaction
from core.errors import BadInput, NotFound
from core.ids import fresh
from graph.port import GraphStore
from ledger.book import Ledger
from outbox import endpoints
from outbox.model import Channel, Delivery, Endpoint, Outcome
from outbox.states import DeliveryVerb
from outbox.worker import Dispatcher
from security.roles import Actor, Permission
from usecases import casefiles, delivery_handlers, leads, order_answers, schema_version, stop_orders
from usecases.auditing import audited
from usecases.drill_scenario import BANKS, MINUTE, BookMoney, scenario
from usecases.leads import LeadView, Report
from usecases.services import AbsentStore, Services
from usecases.simulated_bank import handle

MAX_DRILLS = 50


@dataclass(slots=True)
class DrillClock:
    """The drill's own time, moved by the players."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass(slots=True, eq=False)
class Drill:
    """One drill being played."""

    id: str
    services: Services
    clock: DrillClock
    bank: SimulatedBank
    lead_id: str
    began_ms: int
    loss_minor: int
    reachable_minor: int
    player: Actor
    lock: threading.RLock = field(default_factory=threading.RLock)
    ended: DrillScore | None = None


@dataclass(frozen=True, slots=True)
class DrillView:
    """What the page shows: minutes since the report, the lead with its trace, the orders."""

    id: str
    minutes: int
    lead: LeadView
    orders: tuple[OrderRow, ...]
    proposed: tuple[dict[str, Any], ...]
    hops: tuple[str, ...]
    """Orders whose bank named next hops that have no order yet."""
    ended: DrillScore | None


_DRILLS: dict[str, Drill] = {}
#: Drills of this process whose folders stay; one being made is here before it can be played.
_KEPT: set[str] = set()
_LOCK = threading.Lock()


def begin(services: Services, actor: Actor, seed: int | None = None) -> str:
    """Make a case from a seed (a random one unless named) and start its clock; returns the drill's id."""
    with audited(services, actor, Permission.CASES_WORK, "drill.begin", str(seed or "")):
        drill_id, start = fresh("drill"), now_ms() // MINUTE * MINUTE
        dice = random.Random(seed if seed is not None else start)  # noqa: S311 a game, no secret
        bank, victim, paid = scenario(dice, start)
        clock = DrillClock(start)
        home = services.settings.home / "drills" / drill_id
        with _LOCK:
            _KEPT.add(drill_id)
            _sweep(home.parent)
        settings = services.settings.model_copy(update={"home": home, "database_url": ""})
        engine = make_engine(settings.sql_url)
        schema_version.bring_up_to_date(engine)
        store = cast(GraphStore, AbsentStore())
        own = Services(settings, engine, Ledger(engine, settings.ledger_dir), store, clock, BookMoney(bank))
        with transaction(engine) as session:
            for name in BANKS:
                endpoints.put(session, name, name, "webhook", f"https://{name}.example/drill", start)
        bank.advance(start)
        loss = sum(move.amount_minor for move in paid)
        text = f"我被冒充公安的人骗了，从{victim.number}分{len(paid)}笔共转出{loss / 100:.2f}元到{paid[0].target}。"
        filed = leads.file(
            own, _desk(actor), Report("hotline", text, "fake_police", loss, accounts=(victim.number, paid[0].target))
        )
        reachable = sum(
            item.balance_minor
            for item in bank.accounts.values()
            if item.kind == "bank" and item.number != victim.number
        )
        with _LOCK:
            while len(_DRILLS) >= MAX_DRILLS:
                oldest = next(iter(_DRILLS))
                _DRILLS.pop(oldest).services.engine.dispose()
                _KEPT.discard(oldest)
            _DRILLS[drill_id] = Drill(drill_id, own, clock, bank, filed.lead_id, start, loss, reachable, actor)
        return drill_id


def _sweep(folder: Path) -> None:
    """Delete the folders of drills nobody can play any more: older ones, and those of a process that has ended."""
    for old in folder.glob("drill-*"):
        if old.name not in _KEPT:
            shutil.rmtree(old, ignore_errors=True)


def look(services: Services, actor: Actor, drill_id: str) -> DrillView:
    """The drill as it stands. Raises NotFound, also for somebody else's."""
    drill = _own(actor, drill_id)
    with audited(services, actor, Permission.CASES_WORK, "drill.read", drill_id), drill.lock:
        desk = _desk(actor)
        view = leads.one(drill.services, desk, drill.lead_id)
        orders = stop_orders.listed(drill.services, desk)
        hops = [
            row.id
            for row in orders
            if any(h.next_order_id is None for h in stop_orders.one(drill.services, desk, row.id).hops)
        ]
        asked = {row.account for row in orders}
        best = tuple(item for item in casefiles.proposed(view.trace) if item["account"] not in asked)
        minutes = (drill.clock.now - drill.began_ms) // MINUTE
        return DrillView(drill_id, minutes, view, tuple(orders), best, tuple(hops), drill.ended)


def act(
    services: Services,
    actor: Actor,
    drill_id: str,
    verb: str,
    *,
    accounts: Sequence[str] = (),
    order_id: str = "",
    minutes: int = 5,
) -> None:
    """Play: `order` the accounts, `next` hops of an order, `wait` some minutes, or `end`. Deciding takes two minutes of the clock."""
    drill = _own(actor, drill_id)
    with audited(services, actor, Permission.CASES_WORK, f"drill.{verb}", drill_id), drill.lock:
        if drill.ended is not None:
            raise BadInput("the drill has ended: begin another", code="drill_over")
        desk = _desk(actor)
        if verb == "order":
            if not accounts:
                raise BadInput("tick at least one account", code="nothing_ticked")
            _send(drill, casefiles.order_proposed(drill.services, desk, drill.lead_id, accounts))
        elif verb == "next":
            _send(drill, stop_orders.fan_out(drill.services, desk, order_id))
        elif verb == "wait" and 1 <= minutes <= 120:
            drill.clock.now += minutes * MINUTE
        elif verb == "end":
            drill.ended = _score(drill)
        else:
            raise BadInput("a drill knows order, next, wait (1 to 120 minutes) and end")
        drill.bank.advance(drill.clock.now)
        leads.trace(drill.services, drill.lead_id)


def _send(drill: Drill, order_ids: Sequence[str]) -> None:
    """The colleague approves two minutes later; the bank answers at once."""
    drill.clock.now += 2 * MINUTE
    chief = Actor("drill-chief", "drill chief", frozenset({"supervisor"}))
    for order_id in order_ids:
        seen = stop_orders.one(drill.services, chief, order_id).order
        stop_orders.approve(drill.services, chief, order_id, seen.version)
    way = _Wire(drill)
    channels: dict[str, Channel] = {"webhook": way}
    Dispatcher(drill.services.engine, channels, delivery_handlers.SETTLED, drill.clock).run_once()
    with transaction(drill.services.engine) as session:
        for endpoint, answer in way.said:
            delivery_handlers.take(session, endpoint, json.dumps(answer).encode(), drill.clock.now)
    order_answers.tick(drill.services)


@dataclass(slots=True)
class _Wire:
    drill: Drill
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "webhook"

    def send(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome:
        answer = handle(self.drill.bank, endpoint.name, json.loads(delivery.body), now_ms)
        if answer is not None:
            self.said.append((endpoint.name, answer))
        return Outcome(DeliveryVerb.CONFIRM, "drill")

    def ask(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome | None:  # noqa: ARG002
        return Outcome(DeliveryVerb.FIND, "drill")


def _score(drill: Drill) -> DrillScore:
    with transaction(drill.services.engine) as session:
        rows = list(session.scalars(select(OrderRow).where(OrderRow.approved_at_ms.is_not(None))))
    first = min((row.approved_at_ms or 0 for row in rows), default=None)
    return score(
        drill.loss_minor, drill.reachable_minor, sum(row.frozen_minor for row in rows),
        None if first is None else (first - drill.began_ms) / MINUTE, len(rows), sum(row.frozen_minor > 0 for row in rows),
    )  # fmt: skip


def _own(actor: Actor, drill_id: str) -> Drill:
    drill = _DRILLS.get(drill_id)
    if drill is None or drill.player.id != actor.id:
        raise NotFound("there is no such drill: they end with the service")
    return drill


def _desk(actor: Actor) -> Actor:
    return Actor(actor.id, actor.name, frozenset({"investigator"}))
