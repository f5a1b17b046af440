"""Property: whatever order things happen in, a receiver gets a message at most once and nothing final moves."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine, select
from sqlalchemy.pool import StaticPool

from core.db import Base, transaction
from outbox import endpoints, queue
from outbox.model import Message, Outcome
from outbox.states import DELIVERY, DeliveryState, DeliveryVerb
from outbox.tables import DeliveryRow, EndpointRow, ReceivedRow
from outbox.worker import Dispatcher

FINAL = {DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED}


def test_only_a_queued_delivery_can_be_claimed_and_final_means_final():
    assert [state for state in DeliveryState if DELIVERY.allows(state, DeliveryVerb.CLAIM)] == [DeliveryState.QUEUED]
    assert {state for state in DeliveryState if DELIVERY.final(state)} == FINAL
    assert not DELIVERY.allows(DeliveryState.UNKNOWN, DeliveryVerb.CLAIM)


class Wire:
    """A channel that does what the machine says next; `arrived` counts what the receiver has seen, by key."""

    name = "webhook"

    def __init__(self) -> None:
        self.arrived: dict[str, int] = {}
        self.fate = "ok"

    def send(self, _endpoint, delivery, _now):
        if self.fate in ("ok", "lost_answer", "raises_after"):
            self.arrived[delivery.idempotency_key] = self.arrived.get(delivery.idempotency_key, 0) + 1
        if self.fate.startswith("raises"):
            raise OSError("wire cut")
        verb = {"ok": DeliveryVerb.CONFIRM, "lost_answer": DeliveryVerb.DOUBT, "lost": DeliveryVerb.DOUBT,
                "down": DeliveryVerb.BOUNCE, "refused": DeliveryVerb.REFUSE}[self.fate]  # fmt: skip
        return Outcome(verb, self.fate)

    def ask(self, _endpoint, delivery, _now):
        if self.fate == "down":
            return None
        return Outcome(DeliveryVerb.FIND if delivery.idempotency_key in self.arrived else DeliveryVerb.MISS)


class Deliveries(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        Base.metadata.create_all(self.engine, tables=[row.__table__ for row in (EndpointRow, DeliveryRow, ReceivedRow)])
        self.now, self.wire, self.final, self.keys = 10**12, Wire(), {}, 0
        self.dispatcher = Dispatcher(self.engine, {"webhook": self.wire}, {}, lambda: self.now)
        with transaction(self.engine) as session:
            endpoints.put(session, "bank", "", "webhook", "https://bank.example", self.now)

    @rule(again=st.booleans())
    def enqueue(self, again):
        self.keys += not (again and self.keys)
        message = Message("bank", "stop_order", "O", f"k{self.keys}", json.dumps({"n": self.keys}), 3_600_000)
        with transaction(self.engine) as session:
            queue.enqueue(session, message, self.now)

    @rule(fate=st.sampled_from(["ok", "lost_answer", "lost", "down", "refused", "raises_before", "raises_after"]))
    def work(self, fate):
        self.wire.fate = fate
        self.dispatcher.run_once()

    @rule(ms=st.sampled_from([1_000, 31_000, 130_000, 600_000, -50_000]))
    def time_passes(self, ms):
        self.now += ms

    @rule()
    def sender_dies_after_claiming(self):
        waiting = [d for d in queue.due(self.engine, self.now) if d.state is DeliveryState.QUEUED]
        if waiting:
            with transaction(self.engine) as session:
                queue.claim(session, waiting[0], self.now)

    @invariant()
    def at_most_once_and_never_back(self):
        if not hasattr(self, "engine"):
            return
        assert all(count == 1 for count in self.wire.arrived.values())
        with transaction(self.engine) as session:
            rows = session.scalars(select(DeliveryRow)).all()
        for row in rows:
            if row.id in self.final:
                assert row.state == self.final[row.id]
            if row.state in FINAL:
                self.final[row.id] = row.state
            if row.state == DeliveryState.DELIVERED:
                assert row.idempotency_key in self.wire.arrived

    def teardown(self):
        if hasattr(self, "engine"):
            self.engine.dispose()


Deliveries.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestDeliveries = Deliveries.TestCase
