"""Clocks that are set forward and back while orders run: nothing is sent twice, no state goes back, money is conserved."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from chase import CHIEF, MIN, NOON_MS, OFFICER, Clock, Day
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from test_money_rules import FREEZE_RANK, RANK

from cases import stop_ledger
from cases.order_states import FreezeState
from cases.order_tables import OrderRow, StopSlotRow
from cases.orders import Draft
from core.db import transaction
from core.errors import Conflict
from usecases import casefiles, leads, order_answers, stop_orders
from usecases.leads import Report

#: An order each that the scenario's banks freeze in full or in part.
WANTED = (
    ("ccb", "M-2002", "赵二", 2_900_000, "T2", NOON_MS - 20 * MIN),
    ("abc", "M-3003", "孙三", 2_000_000, "T3", NOON_MS - 15 * MIN),
    ("abc", "M-3003", "孙三", 900_000, "T3", NOON_MS - 15 * MIN),
)
JUMPS = [-48 * 60, -60, -6, 1, 10, 61, 125, 49 * 60]


class OrdersWhileClocksChange(RuleBasedStateMachine):
    """Both clocks jump together: a bank that sees another time than ours is tested below."""

    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        self.day = Day(Path(self.folder.name))
        self.arrived: Counter[str] = Counter()
        self.seen: dict[str, tuple[int, int]] = {}
        take = self.day.server.take

        def counted(name, headers, key, body):
            fault = take(name, headers, key, body)
            self.arrived[key] += fault in ("ok", "broken_after")
            return fault

        self.day.server.take = counted
        filed = leads.file(self.day.services, OFFICER, Report("hotline", "骗了"))
        self.case_id = casefiles.open_from_lead(self.day.services, OFFICER, filed.lead_id)

    def tried(self, act, *arguments):
        try:
            return act(self.day.services, *arguments)
        except Conflict:
            return None

    def rows(self):
        with transaction(self.day.services.engine) as session:
            return session.scalars(select(OrderRow).order_by(OrderRow.id)).all()

    @precondition(lambda self: len(self.seen) < 6)
    @rule(which=st.sampled_from(WANTED))
    def drafted(self, which):
        when = min(which[5], self.day.clock.now)  # a payment of the future is refused
        wanted = Draft(*which[:4], "CNY", which[4], when)
        stop_orders.draft(self.day.services, OFFICER, self.case_id, [wanted])

    @rule(place=st.integers(0, 5))
    def approved(self, place):
        drafts = [row for row in self.rows() if row.state == "draft"]
        if drafts:
            row = drafts[place % len(drafts)]
            self.tried(stop_orders.approve, CHIEF, row.id, row.version)

    @rule(minutes=st.sampled_from(JUMPS))
    def clock_jumps(self, minutes):
        self.day.pass_time(minutes)

    @rule(fault=st.sampled_from(["ok", "503", "broken_after", "broken_before"]))
    def outbox_runs(self, fault):
        self.day.server.faults = [] if fault == "ok" else [fault]
        self.day.send()

    @rule()
    def banks_answer(self):
        self.day.answers()

    @rule()
    def clocks_tick(self):
        order_answers.tick(self.day.services)
        now = self.day.clock.now
        for row in self.rows():
            assert not (row.held_minor and row.frozen_until_ms <= now)  # what has run out is let go

    @rule(place=st.integers(0, 5))
    def extended(self, place):
        held = [row for row in self.rows() if row.held_minor]
        if held:
            self.tried(stop_orders.extend, CHIEF, held[place % len(held)].id, "doc")

    @invariant()
    def nothing_goes_back_and_nothing_is_sent_twice(self):
        if not hasattr(self, "day"):
            return
        assert not [key for key, times in self.arrived.items() if times > 1]
        for row in self.rows():
            freeze = FREEZE_RANK[FreezeState(row.freeze_state)] if row.freeze_state else -1
            order_rank, freeze_rank = self.seen.get(row.id, (0, -1))
            assert RANK[row.state] >= order_rank and freeze >= freeze_rank
            self.seen[row.id] = (RANK[row.state], freeze)

    @invariant()
    def money_is_conserved_and_an_account_has_two_stops(self):
        if not hasattr(self, "day"):
            return
        with transaction(self.day.services.engine) as session:
            for row in session.scalars(select(OrderRow)):
                parts = row.held_minor + row.for_return_minor + row.returned_minor + row.let_go_minor
                assert row.frozen_minor == parts <= row.amount_minor
                assert stop_ledger.replayed(session, row.id) == stop_ledger.balance(row)
            slots = Counter((row.bank, row.account) for row in session.scalars(select(StopSlotRow)))
        assert all(count <= 2 for count in slots.values())

    def teardown(self):
        if not hasattr(self, "day"):
            return
        try:
            self.all_ends_once_time_goes_on()
        finally:
            self.day.close()
            self.folder.cleanup()

    def all_ends_once_time_goes_on(self):
        """No order is lost to a clock: once time goes on from the latest moment, every delivery ends and is heard."""
        self.day.server.faults = []
        self.day.clock.now = max(self.day.clock.now, NOON_MS) + 3 * 24 * 60 * MIN
        for _ in range(6):
            self.day.run()
            self.day.pass_time(10)
        assert not [row.id for row in self.rows() if row.state in ("draft", "approved", "unknown")]
        self.nothing_goes_back_and_nothing_is_sent_twice()


OrdersWhileClocksChange.TestCase.settings = settings(
    max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOrdersWhileClocksChange = OrdersWhileClocksChange.TestCase


def test_a_bank_that_sees_another_time_takes_nothing_and_the_next_order_stands(quick_day):
    filed = leads.file(quick_day.services, OFFICER, Report("hotline", "骗了"))
    case_id = casefiles.open_from_lead(quick_day.services, OFFICER, filed.lead_id)

    def approved():
        wanted = Draft(*WANTED[1][:4], "CNY", *WANTED[1][4:])
        (order_id,) = stop_orders.draft(quick_day.services, OFFICER, case_id, [wanted])
        stop_orders.approve(quick_day.services, CHIEF, order_id, 1)
        quick_day.send()
        return stop_orders.one(quick_day.services, CHIEF, order_id).order

    quick_day.server.clock = Clock(quick_day.clock.now)
    quick_day.pass_time(60)  # our clock is an hour ahead: the bank refuses the signature's time
    early = approved()
    assert early.state == "failed" and "401" in early.reason
    assert quick_day.server.taken == {}
    quick_day.clock.now -= 60 * MIN
    after = approved()
    assert quick_day.answers() == ["applied"]
    row = stop_orders.one(quick_day.services, CHIEF, after.id).order
    assert (row.state, row.stop_number) == ("frozen", 1)  # the failed one took no stop of the account away
