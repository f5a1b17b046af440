"""Properties of what has states but no table of steps: cases, tasks and return plans, driven through the use cases.

Whatever people do in whatever order: a closed or merged case, a done task, a decided plan never moves again, nothing of a merged
case is lost, and money is conserved from the order to the victim and the police account.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from chase import CHIEF, NOON_MS, OFFICER, Day
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from cases import stop_ledger
from cases.case_tables import CaseRow, TaskRow, VictimRow
from cases.order_tables import OrderRow, ReturnLineRow, ReturnRow
from cases.orders import Draft
from cases.sharing import POLICE
from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed
from outbox.tables import DeliveryRow
from usecases import casefiles, leads, returns, stop_orders
from usecases.leads import Report

PLACE = st.integers(0, 7)
OPEN_STATES = {CaseRow: "open", TaskRow: "open", ReturnRow: "draft"}


class Casework(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        self.day = Day(Path(self.folder.name))
        self.cases, self.tasks, self.plans, self.victims, self.orders = [], [], [], [], []
        self.ended: dict[tuple[str, str], tuple[object, ...]] = {}
        for place in (0, 1):  # from the start there is something to return, to merge and to finish
            self.open_case()
            self.victim_comes(place, 700)
            self.freeze(place, 900, 900)
            self.task_added(place)
        self.plan_drafted(0, "approved", False)

    def tried(self, act, *arguments):
        """What the act gives, None where the house refuses it."""
        try:
            return act(self.day.services, *arguments)
        except (Conflict, NotAllowed):
            return None

    @staticmethod
    def pick(many, place):
        return many[place % len(many)]

    @precondition(lambda self: len(self.cases) < 3)
    @rule()
    def open_case(self):
        filed = leads.file(self.day.services, OFFICER, Report("hotline", "骗了", amount_minor=1_000))
        self.cases.append(casefiles.open_from_lead(self.day.services, OFFICER, filed.lead_id))

    @rule(place=PLACE, loss=st.integers(1, 2_000))
    def victim_comes(self, place, loss):
        name = f"v{len(self.victims)}"
        made = self.tried(casefiles.add_victim, OFFICER, self.pick(self.cases, place), name, loss, f"V-{name}", "icbc")
        self.victims += [made] if made else []

    @precondition(lambda self: len(self.orders) < 8)
    @rule(place=PLACE, ordered=st.integers(1, 3_000), part=st.integers(1, 3_000))
    def bank_freezes(self, place, ordered, part):
        self.freeze(place, ordered, part)

    def freeze(self, place, ordered, part):
        if self.case(self.pick(self.cases, place)).state != "open":
            return
        wanted = Draft("abc", f"M-{len(self.orders)}", "孙三", ordered, "CNY", "T", NOON_MS - 1)
        (order_id,) = stop_orders.draft(self.day.services, OFFICER, self.pick(self.cases, place), [wanted])
        stop_orders.approve(self.day.services, CHIEF, order_id, 1)
        answer = {
            "kind": "stop_answer", "order_id": order_id, "account": wanted.account, "holder": "孙三", "at_ms": NOON_MS,
            "answer": "frozen" if part >= ordered else "frozen_part", "frozen_minor": min(part, ordered), "stop_at_ms": NOON_MS,
        }  # fmt: skip
        assert self.day.hear("abc", answer) == "applied"
        self.orders.append(order_id)

    @rule(place=PLACE, really=st.integers(0, 3))
    def let_go(self, place, really):
        if not really:
            self.tried(stop_orders.let_go, CHIEF, self.pick(self.orders, place), "wrong person")

    @rule(place=PLACE, decided=st.sampled_from(["approved", "dropped", "later"]), own=st.booleans())
    def plan_drafted(self, place, decided, own):
        for victim in self.rows(VictimRow):  # a reporter's account is not known from the lead
            if not victim.account:
                self.tried(returns.pay_to, OFFICER, victim.case_id, victim.id, f"V-{victim.id}"[:60], "icbc")
        made = self.tried(returns.draft, CHIEF if own else OFFICER, self.pick(self.cases, place))
        if made:
            self.plans.append(made)
            if own and decided == "approved":
                self.tried(returns.approve, CHIEF, made)  # one's own
            if decided != "later":
                self.plan_decided(len(self.plans) - 1, decided == "approved", own)

    @precondition(lambda self: self.plans)
    @rule(place=PLACE, approved=st.booleans(), another=st.booleans())
    def plan_decided(self, place, approved, another):
        if approved:
            chief = self.day.as_other(CHIEF, "other") if another else CHIEF
            self.tried(returns.approve, chief, self.pick(self.plans, place))
        else:
            self.tried(returns.drop, OFFICER, self.pick(self.plans, place))

    @rule(
        place=PLACE,
        times=st.integers(1, 2),
        off=st.sampled_from([0, 0, 0, 1, -1]),
        any_plan=st.sampled_from([False] * 3 + [True]),
    )
    def bank_pays(self, place, times, off, any_plan):
        """A bank reports a line as paid, once or twice, also with a wrong amount, also one of a plan nobody approved."""
        states = {row.id: row.state for row in self.rows(ReturnRow)}
        lines = [row for row in self.rows(ReturnLineRow) if any_plan or states[row.return_id] == "approved"]
        for _ in range(times if lines else 0):
            line = self.pick(lines, place)
            said = {"kind": "return_done", "line_id": line.id, "amount_minor": line.amount_minor + off}
            if states[line.return_id] == "approved":
                assert self.day.hear("abc", said) in (("applied", "late") if not off else ("wrong_amount", "late"))
            else:
                with pytest.raises(BadInput):
                    self.day.hear("abc", said)

    @rule(place=PLACE)
    def task_added(self, place):
        made = self.tried(casefiles.add_task, OFFICER, self.pick(self.cases, place), "ask the bank")
        self.tasks += [made] if made else []

    @precondition(lambda self: self.tasks)
    @rule(place=PLACE)
    def task_done(self, place):
        self.tried(casefiles.finish_task, OFFICER, self.pick(self.tasks, place))

    @precondition(lambda self: len(self.cases) > 1)
    @rule(one=PLACE, other=PLACE)
    def merged(self, one, other):
        one, other = self.pick(self.cases, one), self.pick(self.cases, other)
        if one != other:
            self.tried(casefiles.merge, OFFICER, one, other, "one gang")

    @rule(place=PLACE)
    def closed(self, place):
        self.tried(casefiles.close, CHIEF, self.pick(self.cases, place), "done")

    @rule()
    def time_passes(self):
        self.day.pass_time(1)

    def rows(self, table):
        with transaction(self.day.services.engine) as session:
            return session.scalars(select(table)).all()

    def case(self, case_id):
        with transaction(self.day.services.engine) as session:
            return session.get_one(CaseRow, case_id)

    @invariant()
    def nothing_ended_moves_again(self):
        if not hasattr(self, "day"):
            return
        for table, beginning in OPEN_STATES.items():
            for row in self.rows(table):
                key = (table.__tablename__, row.id)
                moments = [getattr(row, name, None) for name in ("closed_at_ms", "done_at_ms", "approved_at_ms")]
                now = (row.state, *moments)
                assert self.ended.get(key, now) == now
                if row.state != beginning:
                    self.ended[key] = now

    @invariant()
    def a_plan_is_approved_by_another_than_its_drafter_and_shares_all_its_money(self):
        if not hasattr(self, "day"):
            return
        lines = self.rows(ReturnLineRow)
        for row in self.rows(ReturnRow):
            assert (row.state == "approved") == (row.approved_by_name != "")
            assert row.approved_by_name != row.drafted_by_name
            parts = [line for line in lines if line.return_id == row.id]
            assert sum(line.amount_minor for line in parts) == row.money_minor
            assert sum(line.amount_minor for line in parts if line.victim_id == POLICE) == row.police_minor

    @invariant()
    def a_merged_case_keeps_nothing_and_a_closed_one_holds_no_money(self):
        if not hasattr(self, "day"):
            return
        states = {row.id: row.state for row in self.rows(CaseRow)}
        for table in (OrderRow, VictimRow, TaskRow, ReturnRow):
            assert all(states[row.case_id] != "merged" for row in self.rows(table))
        held = {row.case_id for row in self.rows(OrderRow) if row.held_minor or row.for_return_minor}
        assert all(states[case_id] == "open" for case_id in held)
        assert all(states[row.merged_into] for row in self.rows(CaseRow) if row.state == "merged")

    @invariant()
    def money_is_conserved_to_the_fen(self):
        if not hasattr(self, "day"):
            return
        orders, lines = self.rows(OrderRow), self.rows(ReturnLineRow)
        approved = {row.id for row in self.rows(ReturnRow) if row.state == "approved"}
        for row in orders:
            parts = row.held_minor + row.for_return_minor + row.returned_minor + row.let_go_minor
            assert row.frozen_minor == parts <= row.amount_minor
            with transaction(self.day.services.engine) as session:
                assert stop_ledger.replayed(session, row.id) == stop_ledger.balance(row)
            sent = [line for line in lines if line.order_id == row.id and line.return_id in approved]
            assert row.returned_minor == sum(line.amount_minor for line in sent if line.returned_at_ms)
            assert row.for_return_minor == sum(line.amount_minor for line in sent if not line.returned_at_ms)
        for victim in self.rows(VictimRow):
            got = [line for line in lines if line.victim_id == victim.id and line.return_id in approved]
            assert victim.returned_minor == sum(line.amount_minor for line in got if line.returned_at_ms)
            assert sum(line.amount_minor for line in got) <= victim.loss_minor
        with transaction(self.day.services.engine) as session:
            told = session.scalars(select(DeliveryRow.body).where(DeliveryRow.kind == "money_return")).all()
            sent_once = session.scalar(select(func.count(DeliveryRow.idempotency_key.distinct())))
            assert sent_once == session.scalar(select(func.count()).select_from(DeliveryRow))
        assert sorted(json.loads(body)["line_id"] for body in told) == sorted(
            line.id for line in lines if line.return_id in approved
        )

    def teardown(self):
        if hasattr(self, "day"):
            self.day.close()
            self.folder.cleanup()


Casework.TestCase.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCasework = Casework.TestCase
