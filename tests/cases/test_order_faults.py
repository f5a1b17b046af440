"""Everything that goes wrong with an order: nothing is lost, nothing sent twice, no state goes back, money is conserved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from chase import CHIEF, MIN, NOON_MS, OFFICER, Day
from sqlalchemy import func, select

from cases import answers, stop_ledger
from cases.order_tables import OrderRow
from cases.orders import Draft
from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from outbox import signing
from outbox.signing import SignatureRefused
from outbox.tables import DeliveryRow
from usecases import casefiles, deliveries, leads, order_answers, stop_orders
from usecases.leads import Report

HOLDERS = {
    "M-2002": ("ccb", "赵二", 2_900_000, "T2", NOON_MS - 20 * MIN),
    "M-3003": ("abc", "孙三", 2_000_000, "T3", NOON_MS - 15 * MIN),
}


def a_case(day: Day) -> str:
    filed = leads.file(day.services, OFFICER, Report("hotline", "骗了", accounts=("M-1001",)))
    return casefiles.open_from_lead(day.services, OFFICER, filed.lead_id)


def drafted(day: Day, account: str = "M-3003", amount: int = 0, case_id: str = "") -> str:
    bank, holder, most, transfer, at = HOLDERS[account]
    wanted = Draft(bank, account, holder, amount or most, "CNY", transfer, at)
    return stop_orders.draft(day.services, OFFICER, case_id or a_case(day), [wanted])[0]


def approved(day: Day, account: str = "M-3003", amount: int = 0) -> str:
    order_id = drafted(day, account, amount)
    stop_orders.approve(day.services, CHIEF, order_id, 1)
    return order_id


def order(day: Day, order_id: str) -> OrderRow:
    return stop_orders.one(day.services, CHIEF, order_id).order


def effects(day: Day, order_id: str) -> list[str]:
    return [row.effect for row in stop_orders.one(day.services, CHIEF, order_id).answers]


def said(day: Day, order_id: str, answer: str, **more: object) -> dict[str, object]:
    row = order(day, order_id)
    return {
        "kind": "stop_answer",
        "order_id": order_id,
        "answer": answer,
        "account": row.account,
        "holder": row.holder,
        "at_ms": day.clock.now,
        **more,
    }


def test_own_approval_is_refused(quick_day):
    order_id = drafted(quick_day)
    both = stop_orders.draft(
        quick_day.services, CHIEF, a_case(quick_day), [Draft("abc", "M-3003", "孙三", 1, "CNY", "T3", NOON_MS)]
    )[0]
    with pytest.raises(NotAllowed, match="own order"):
        stop_orders.approve(quick_day.services, CHIEF, both, 1)
    with pytest.raises(NotAllowed):
        stop_orders.approve(quick_day.services, OFFICER, order_id, 1)


def test_two_approvals_at_once_end_in_one(day):
    order_id = drafted(day)
    start, outcomes = threading.Barrier(2), []

    def approve(name):
        start.wait()
        try:
            stop_orders.approve(day.services, day.as_other(CHIEF, name), order_id, 1)
            outcomes.append("approved")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=approve, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "approved" and sorted(outcomes)[1] in ("stale", "illegal_step")
    with transaction(day.services.engine) as session:
        assert session.scalar(select(func.count()).select_from(DeliveryRow).where(DeliveryRow.subject == order_id)) == 1
        assert len(stop_ledger.entries(session, order_id)) == 1


def test_an_edited_or_expired_draft_is_not_approved(quick_day):
    order_id = drafted(quick_day)
    stop_orders.edit(quick_day.services, OFFICER, order_id, 1, Draft("abc", "M-3003", "孙三", 5, "CNY", "T3", NOON_MS))
    with pytest.raises(Conflict, match="changed"):
        stop_orders.approve(quick_day.services, CHIEF, order_id, 1)
    quick_day.pass_time(61)
    with pytest.raises(Conflict) as refused:
        stop_orders.approve(quick_day.services, CHIEF, order_id, 2)
    assert refused.value.code == "draft_expired"
    order_answers.tick(quick_day.services)
    assert order(quick_day, order_id).state == "expired"


def test_an_account_is_stopped_twice_at_most_and_a_refused_stop_does_not_count(quick_day):
    first, second, third = (drafted(quick_day, amount=100 * n) for n in (1, 2, 3))
    stop_orders.approve(quick_day.services, CHIEF, first, 1)
    stop_orders.approve(quick_day.services, CHIEF, second, 1)
    with pytest.raises(Conflict) as refused:
        stop_orders.approve(quick_day.services, CHIEF, third, 1)
    assert refused.value.code == "third_stop"
    quick_day.hear("abc", said(quick_day, first, "refused", reason="account closed"))
    stop_orders.approve(quick_day.services, CHIEF, third, 1)
    assert {order(quick_day, second).stop_number, order(quick_day, third).stop_number} == {1, 2}


def test_late_repeated_and_reordered_answers_change_nothing(day):
    order_id = approved(day)
    full = {"frozen_minor": 2_000_000, "stop_at_ms": day.clock.now}
    part = {"frozen_minor": 700_000, "stop_at_ms": day.clock.now}
    assert (
        day.hear("abc", said(day, order_id, "frozen_part", **part)) == "applied"
    )  # before the delivery is even recorded
    day.send()
    assert order(day, order_id).state == "frozen_part"
    assert day.hear("abc", said(day, order_id, "acknowledged")) == "late"
    assert day.hear("abc", said(day, order_id, "frozen_part", **part)) == "late"
    assert day.hear("abc", said(day, order_id, "frozen", **full)) == "applied"
    for answer, more in (("frozen_part", part), ("gone", {}), ("refused", {"reason": "x"}), ("frozen", full)):
        assert day.hear("abc", said(day, order_id, answer, **more)) == "late", answer
    row = order(day, order_id)
    assert (row.state, row.frozen_minor, row.held_minor) == ("frozen", 2_000_000, 2_000_000)
    assert row.frozen_until_ms == day.clock.now + 48 * 60 * MIN


def test_an_order_that_froze_nothing_carries_that_its_ledger_is_closed(quick_day):
    for answer, more in (("gone", {}), ("refused", {"reason": "account closed"})):
        order_id = approved(quick_day)
        assert quick_day.hear("abc", said(quick_day, order_id, answer, **more)) == "applied"
        with transaction(quick_day.services.engine) as session:
            carried = stop_ledger.balance(session.get(OrderRow, order_id))
            assert carried == stop_ledger.replayed(session, order_id)
        assert carried.is_closed


def test_answers_that_do_not_fit_are_set_aside(quick_day):
    order_id = approved(quick_day)
    stop = {"stop_at_ms": NOON_MS}
    for message, effect in (
        (said(quick_day, order_id, "frozen", frozen_minor=2_000_001, **stop), "more_than_ordered"),
        ({**said(quick_day, order_id, "frozen", frozen_minor=2_000_000, **stop), "holder": "别人"}, "wrong_account"),
        ({**said(quick_day, order_id, "acknowledged"), "account": "M-9"}, "wrong_account"),
        (said(quick_day, order_id, "frozen", frozen_minor=5, **stop), "not_in_full"),
        (said(quick_day, order_id, "frozen_part", frozen_minor=0, **stop), "not_a_part"),
        (said(quick_day, order_id, "frozen", frozen_minor=2_000_000), "no_stop_time"),
    ):
        assert quick_day.hear("abc", message) == effect
    for broken in (
        {"answer": "maybe"},
        {"frozen_minor": -1},
        {"frozen_minor": True},
        {"next_hops": [1]},
        {"order_id": "order-x"},
    ):
        with pytest.raises(BadInput):
            quick_day.hear("abc", {**said(quick_day, order_id, "frozen"), **broken})
    with pytest.raises(BadInput, match="no such order"):
        quick_day.hear("ccb", said(quick_day, order_id, "acknowledged"))  # another bank's order
    row = order(quick_day, order_id)
    assert (row.state, row.frozen_minor) == ("approved", 0) and len(effects(quick_day, order_id)) == 6


def test_a_forged_or_replayed_answer_changes_nothing(quick_day):
    order_id = approved(quick_day)
    headers, body = quick_day.server.signed(
        "abc", said(quick_day, order_id, "frozen", frozen_minor=2_000_000, stop_at_ms=NOON_MS)
    )
    ours = signing.sign(signing.secret_of(quick_day.master, "abc", 1, "out"), "m", quick_day.clock.now, body)
    for wrong in ({**headers, "webhook-signature": "v1,AAAA"}, ours):
        with pytest.raises(SignatureRefused):
            deliveries.receive(quick_day.services, "abc", wrong, body, quick_day.clock.now)
    assert order(quick_day, order_id).frozen_minor == 0
    assert deliveries.receive(quick_day.services, "abc", headers, body, quick_day.clock.now) == "applied"
    assert deliveries.receive(quick_day.services, "abc", headers, body, quick_day.clock.now) == "repeat"


def test_the_bank_checks_holder_account_amount_and_time(quick_day):
    case_id = a_case(quick_day)
    good = ("abc", "M-3003", "孙三", 2_000_000, "CNY", "T3", NOON_MS - 15 * MIN)
    wrong = [(2, "孙四"), (1, "M-0000"), (3, 2_000_001), (6, NOON_MS - 60 * MIN)]
    for place, value in wrong:
        (order_id,) = stop_orders.draft(
            quick_day.services,
            OFFICER,
            case_id,
            [Draft(*[value if at == place else item for at, item in enumerate(good)])],
        )
        stop_orders.approve(quick_day.services, CHIEF, order_id, 1)
        assert quick_day.run() == ["applied"]
        row = order(quick_day, order_id)
        assert row.state == "refused" and row.reason and row.frozen_minor == 0
    assert quick_day.bank.accounts["M-3003"].stops == {}


@pytest.mark.parametrize("fault", ["broken_after", "broken_before", "503"])
def test_an_order_in_doubt_is_asked_about_and_never_sent_twice(quick_day, fault):
    quick_day.server.faults = [fault]
    order_id = approved(quick_day)
    quick_day.send()
    assert order(quick_day, order_id).state == ("approved" if fault == "503" else "unknown")
    for _ in range(3):
        quick_day.pass_time(1)
        quick_day.send()
    assert list(quick_day.server.taken) == [order_id]
    assert order(quick_day, order_id).state == "sent"
    assert quick_day.answers() == ["applied"]


def test_an_answer_ends_the_doubt(quick_day):
    quick_day.server.faults = ["broken_after"]
    order_id = approved(quick_day)
    quick_day.send()
    assert quick_day.answers() == ["applied"]
    quick_day.pass_time(5)
    quick_day.send()
    assert quick_day.server.posts == 1 and order(quick_day, order_id).state == "frozen"


def test_a_bank_down_for_an_hour_then_reminder_and_escalation(quick_day):
    quick_day.server.faults = ["503"] * 40
    order_id = approved(quick_day)
    for _ in range(60):
        quick_day.run()
        quick_day.pass_time(1)
    assert order(quick_day, order_id).state == "approved"
    quick_day.pass_time(31)
    order_answers.tick(quick_day.services)
    assert order(quick_day, order_id).reminded_at_ms and not order(quick_day, order_id).escalated_at_ms
    quick_day.pass_time(30)
    assert order_answers.tick(quick_day.services) == 1
    assert order_answers.tick(quick_day.services) == 0  # once
    quick_day.clock.now -= 3 * 60 * MIN  # the clock is set back
    assert order_answers.tick(quick_day.services) == 0
    quick_day.clock.now += 3 * 60 * MIN
    quick_day.server.faults = []
    for _ in range(8):
        quick_day.run()
        quick_day.pass_time(1)
    assert order(quick_day, order_id).state in ("frozen", "frozen_part")
    assert list(quick_day.server.taken).count(order_id) == 1


def test_a_long_backlog_is_gone_through_in_parts_and_each_is_told_once(quick_day, monkeypatch):
    monkeypatch.setattr(order_answers, "AT_A_TIME", 2)
    quick_day.server.faults = ["503"] * 40
    case_id = a_case(quick_day)
    made = [Draft("abc", f"B-{n}", "孙三", 5, "CNY", "T3", NOON_MS) for n in range(5)]
    for order_id in stop_orders.draft(quick_day.services, OFFICER, case_id, made):
        stop_orders.approve(quick_day.services, CHIEF, order_id, 1)
    quick_day.pass_time(125)
    assert order_answers.tick(quick_day.services) == 10  # a reminder and an escalation each
    assert order_answers.tick(quick_day.services) == 0
    rows = stop_orders.listed(quick_day.services, CHIEF, case_id=case_id)
    assert len(rows) == 5 and all(row.reminded_at_ms and row.escalated_at_ms for row in rows)


KILLED = """
import os, signal, sys
sys.path[:0] = ["tests"]
from chase import CHIEF, AbsentStore, Ledger, Services, Settings, make_engine
from pathlib import Path
from usecases import stop_orders
from usecases.stop_orders import queue
home, url, order_id, now, moment = sys.argv[1:]
settings = Settings(home=Path(home), database_url=url)
engine = make_engine(settings.sql_url)
services = Services(settings, engine, Ledger(engine, settings.ledger_dir), AbsentStore(), lambda: int(now))
real = queue.enqueue
def dies(*arguments):
    done = real(*arguments) if moment == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
queue.enqueue = dies
stop_orders.approve(services, CHIEF, order_id, 1)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_between_order_and_outbox_neither_is_there(day, moment, tmp_path):
    order_id = drafted(day)
    command = [
        sys.executable,
        "-c",
        KILLED,
        str(tmp_path),
        day.services.settings.database_url,
        order_id,
        str(day.clock.now),
        moment,
    ]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."}, timeout=60)
    assert done.returncode == -signal.SIGKILL
    row = order(day, order_id)
    assert (row.state, row.stop_number, row.freeze_state) == ("draft", None, "")
    with transaction(day.services.engine) as session:
        assert session.scalar(select(func.count()).select_from(DeliveryRow).where(DeliveryRow.subject == order_id)) == 0
    stop_orders.approve(day.services, CHIEF, order_id, 1)
    assert day.run() == ["applied"]
    assert list(day.server.taken) == [order_id]


def test_a_stop_lapses_after_48_hours_and_an_extension_keeps_it_once(quick_day):
    first, second = approved(quick_day), approved(quick_day, "M-2002", 1_000_000)
    assert quick_day.run() == ["applied", "applied"]
    quick_day.pass_time(47 * 60)
    stop_orders.extend(quick_day.services, CHIEF, first, "doc 1")
    quick_day.run()
    quick_day.pass_time(61)
    order_answers.tick(quick_day.services)
    assert (order(quick_day, first).freeze_state, order(quick_day, first).held_minor) == ("extended", 2_000_000)
    assert (order(quick_day, second).freeze_state, order(quick_day, second).let_go_minor) == ("released", 1_000_000)
    with pytest.raises(Conflict) as refused:
        stop_orders.extend(quick_day.services, CHIEF, first, "doc 2")
    assert refused.value.code == "third_stop"
    stop_orders.let_go(quick_day.services, CHIEF, first, "wrong person", wrong_hold=True)
    assert order(quick_day, first).held_minor == 0 and order(quick_day, first).wrong_hold


def test_an_unknown_bank_and_wrong_drafts_are_refused(quick_day):
    case_id = a_case(quick_day)
    good = ("abc", "M-3003", "孙三", 2_000_000, "CNY", "T3", NOON_MS)
    with pytest.raises(NotFound, match="nobank"):
        stop_orders.draft(quick_day.services, OFFICER, case_id, [Draft("nobank", *good[1:])])
    for place, value in ((1, " "), (2, ""), (3, 0), (4, "QQQ"), (6, NOON_MS + 10**7)):
        with pytest.raises(BadInput):
            stop_orders.draft(
                quick_day.services,
                OFFICER,
                case_id,
                [Draft(*[value if at == place else item for at, item in enumerate(good)])],
            )


@pytest.mark.parametrize(
    ("accounts", "failed"),
    [((), "no_account"), (tuple(f"X-{n:03d}" for n in range(100)), "no_account"), (("M-4004",), "no_payment")],
)
def test_leads_with_no_or_a_hundred_accounts_say_what_is_missing(quick_day, accounts, failed):
    filed = leads.file(quick_day.services, OFFICER, Report("police", "一条线索", accounts=accounts))
    assert leads.one(quick_day.services, OFFICER, filed.lead_id).lead.trace_failed == failed


def test_more_than_a_hundred_accounts_are_refused(quick_day):
    with pytest.raises(BadInput, match="accounts"):
        leads.file(quick_day.services, OFFICER, Report("police", "x", accounts=tuple(f"X{n}" for n in range(101))))


@pytest.mark.parametrize("wrong", [{"at_ms": 10**18}, {"stop_at_ms": 253_402_300_800_000}])
def test_a_time_no_calendar_has_is_no_answer(quick_day, wrong):
    """It would be kept, and the order's page could not be shown any more."""
    order_id = approved(quick_day)
    answer = said(quick_day, order_id, "acknowledged", **wrong)
    with pytest.raises(BadInput, match="must be a time"):
        answers.parse(answer)
    hop = {"transfer_id": "T9", "bank": "b", "account": "a", "holder": "h", "amount_minor": 1, "at_ms": 10**18}
    with pytest.raises(BadInput, match="at_ms must be a time"):
        answers.parse(said(quick_day, order_id, "gone", next_hops=[hop]))
