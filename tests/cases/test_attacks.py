"""What somebody would try who wants more money back, a reporter's name, or a warning before the police comes."""

from __future__ import annotations

import json
import threading

import pytest
from chase import CHIEF, NOON_MS, OFFICER, Day
from sqlalchemy import func, select, update

from cases import files
from cases.case_tables import VictimRow
from cases.lead_tables import LeadRow
from cases.order_tables import NextHopRow, OrderRow, ReturnLineRow
from cases.orders import Draft
from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from outbox import signing
from outbox.tables import DeliveryRow
from security import audit
from security.tables import AuditRow
from usecases import casefiles, deliveries, drills, leads, outcomes, returns, stop_orders, warning_lists
from usecases.leads import Report


def a_case(day: Day, **more: object) -> tuple[str, leads.Filed]:
    filed = leads.file(day.services, OFFICER, Report("hotline", "骗了", **more))
    return casefiles.open_from_lead(day.services, OFFICER, filed.lead_id), filed


def frozen(day: Day, case_id: str, account: str, bank: str, holder: str, minor: int) -> str:
    """An order of the case whose money the bank has frozen in full."""
    (order_id,) = stop_orders.draft(
        day.services, OFFICER, case_id, [Draft(bank, account, holder, minor, "CNY", "T", NOON_MS - 1)]
    )
    stop_orders.approve(day.services, CHIEF, order_id, 1)
    answer = {
        "kind": "stop_answer", "order_id": order_id, "answer": "frozen", "account": account, "holder": holder,
        "at_ms": day.clock.now, "frozen_minor": minor, "stop_at_ms": day.clock.now,
    }  # fmt: skip
    assert day.hear(bank, answer) == "applied"
    return order_id


def test_a_second_plan_pays_no_victim_twice_while_the_first_is_on_its_way(day):
    case_id, _ = a_case(day)
    victim = casefiles.add_victim(day.services, OFFICER, case_id, "王芳", 1_000, "V-1", "icbc")
    frozen(day, case_id, "M-3003", "abc", "孙三", 1_000)
    first = returns.draft(day.services, OFFICER, case_id)
    returns.approve(day.services, CHIEF, first)  # approved, and no bank has paid yet
    frozen(day, case_id, "M-2002", "ccb", "赵二", 700)
    second = returns.draft(day.services, OFFICER, case_id)
    plan, lines, _ = returns.one(day.services, OFFICER, second)
    assert plan.police_minor == 700 and {line.victim_id for line in lines} == {"police"}
    with transaction(day.services.engine) as session:
        query = select(func.sum(ReturnLineRow.amount_minor)).where(ReturnLineRow.victim_id == victim)
        assert session.scalar(query) == session.get_one(VictimRow, victim).loss_minor


def test_a_line_of_a_plan_nobody_approved_is_not_paid(quick_day):
    case_id, _ = a_case(quick_day)
    casefiles.add_victim(quick_day.services, OFFICER, case_id, "王芳", 1_000, "V-1", "icbc")
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    dropped = returns.draft(quick_day.services, OFFICER, case_id)
    returns.drop(quick_day.services, OFFICER, dropped)
    returns.approve(quick_day.services, CHIEF, returns.draft(quick_day.services, OFFICER, case_id))
    line = returns.one(quick_day.services, OFFICER, dropped)[1][0]
    with pytest.raises(BadInput, match="no such line"):
        quick_day.hear("abc", {"kind": "return_done", "line_id": line.id, "amount_minor": line.amount_minor})


def test_money_goes_nowhere_else_than_two_people_have_seen(quick_day):
    services = quick_day.services
    case_id, _ = a_case(quick_day)
    victim = casefiles.add_victim(services, OFFICER, case_id, "王芳", 1_000, "V-1", "icbc")
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    plan = returns.draft(services, OFFICER, case_id)
    with pytest.raises(Conflict) as waits:  # who approves must not turn the money to another account first
        returns.pay_to(services, CHIEF, case_id, victim, "CHIEF-1")
    assert waits.value.code == "plan_waits"
    with transaction(services.engine) as session:
        session.get_one(VictimRow, victim).account = " "  # a plan drafted before accounts were asked for
    with pytest.raises(Conflict, match="王芳") as nowhere:
        returns.approve(services, CHIEF, plan)
    assert nowhere.value.code == "no_destination"
    held = stop_orders.listed(services, OFFICER, case_id=case_id)[0]
    assert (held.held_minor, held.for_return_minor, returns.one(services, OFFICER, plan)[0].state) == (
        1_000,
        0,
        "draft",
    )
    returns.drop(services, OFFICER, plan)
    for account in ("", "A\u202eB", "x" * 129):
        with pytest.raises(BadInput):
            returns.pay_to(services, OFFICER, case_id, victim, account)
    with pytest.raises(NotFound):
        returns.pay_to(services, OFFICER, a_case(quick_day)[0], victim, "V-2")
    returns.pay_to(services, OFFICER, case_id, victim, "V-2", "ccb")
    approved = returns.draft(services, OFFICER, case_id)
    returns.approve(services, CHIEF, approved)
    quick_day.send()
    with transaction(services.engine) as session:
        bodies = session.scalars(select(DeliveryRow.body).where(DeliveryRow.kind == "money_return")).all()
    assert [json.loads(body)["to"]["account"] for body in bodies] == ["V-2"]


def test_old_drills_leave_no_folder(quick_day):
    folder = quick_day.services.settings.home / "drills"
    (folder / "drill-of-a-process-that-ended").mkdir(parents=True)
    first, second = (drills.begin(quick_day.services, OFFICER, 7) for _ in range(2))
    assert {path.name for path in folder.iterdir()} == {first, second}


def test_one_content_taken_in_by_many_threads_at_once_is_kept_whole(tmp_path):
    content, wrong = b"a receipt " * 100_000, []

    def take() -> None:
        try:
            assert files.read(tmp_path, files.keep(tmp_path, content)) == content
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [""]


def test_currencies_are_never_added_up(quick_day):
    case_id, _ = a_case(quick_day, amount_minor=500)
    other = leads.file(quick_day.services, OFFICER, Report("hotline", "骗了", amount_minor=500, currency="USD"))
    with pytest.raises(Conflict) as refused:
        casefiles.open_from_lead(quick_day.services, OFFICER, other.lead_id, case_id=case_id)
    assert refused.value.code == "currencies"
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    with transaction(quick_day.services.engine) as session:
        session.execute(update(OrderRow).values(currency="USD"))
    with pytest.raises(Conflict) as refused:
        returns.draft(quick_day.services, OFFICER, case_id)
    assert refused.value.code == "currencies"


def test_two_who_fan_out_at_once_draft_each_hop_once(day):
    case_id, _ = a_case(day)
    order_id = frozen(day, case_id, "M-3003", "abc", "孙三", 1_000)
    with transaction(day.services.engine) as session:
        session.add(NextHopRow(order_id=order_id, transfer_id="T9", bank="ccb", account="M-4004", holder="周四",
                               amount_minor=5, at_ms=NOON_MS - 1))  # fmt: skip
    start, ended = threading.Barrier(2), []

    def fan_out() -> None:
        start.wait()
        try:
            ended.append(len(stop_orders.fan_out(day.services, OFFICER, order_id)))
        except Conflict:
            ended.append(0)

    threads = [threading.Thread(target=fan_out) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [0, 1]
    assert sum(row.account == "M-4004" for row in stop_orders.listed(day.services, CHIEF, case_id=case_id)) == 1


def test_who_reports_an_accomplices_account_does_not_learn_that_it_is_stopped(quick_day):
    case_id, filed = a_case(quick_day, amount_minor=1_000)
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    told = outcomes.by_code(quick_day.services, filed.code, "10.0.0.9")
    assert told is not None and (told.step, told.frozen_minor) == ("received", 0)


def test_no_hash_of_a_report_lets_its_reporter_be_guessed(quick_day):
    import hashlib
    from dataclasses import asdict

    report = Report("agency", "骗了", reporter="13900139000", outside_id="7")
    filed = leads.file(quick_day.services, OFFICER, report)
    with transaction(quick_day.services.engine) as session:
        kept = session.get_one(LeadRow, filed.lead_id).outside_sha256
    assert kept and kept != hashlib.sha256(repr(asdict(report)).encode()).hexdigest()
    assert leads.file(quick_day.services, OFFICER, report).is_repeat


@pytest.mark.parametrize(("kind", "value"), [("time", "²"), ("amount", "١٢"), ("time", "9" * 60)])
def test_a_number_no_trace_can_reckon_with_is_not_kept(quick_day, kind, value):
    filed = leads.file(quick_day.services, OFFICER, Report("hotline", "骗了", accounts=("M-1001",)))
    leads.assign(quick_day.services, OFFICER, filed.lead_id)
    with pytest.raises(BadInput, match="whole numbers"):
        leads.verify(quick_day.services, OFFICER, filed.lead_id, {}, [(kind, value)])
    leads.trace_again(quick_day.services, OFFICER, filed.lead_id)


def test_knocking_without_a_key_fills_no_record_and_tells_no_names(quick_day):
    said = set()
    for number in range(20):
        for name in ("abc", f"bank-{number}"):
            with pytest.raises(signing.SignatureRefused) as refused:
                deliveries.receive(quick_day.services, name, {}, b"{}", quick_day.clock.now)
            said.add(str(refused.value))
    assert len(said) == 1
    with transaction(quick_day.services.engine) as session:
        rows = session.scalars(select(AuditRow.target).where(AuditRow.action == "message.receive")).all()
    assert sorted(rows) == ["abc", "unknown"]


def test_a_warning_goes_to_no_endpoint_that_is_not_there(quick_day):
    from scoring.tables import WarningListRow

    with transaction(quick_day.services.engine) as session:
        session.add(WarningListRow(id="w", title="t", reason="r", region="x", finding_id="", accounts='["A"]', size=1,
                                   opted_out=0, made_by="x", made_at_ms=1, sent_to=""))  # fmt: skip
    with pytest.raises(NotFound):
        warning_lists.push(quick_day.services, CHIEF, "w", "nobody")


def test_a_closed_case_gets_no_new_orders(quick_day):
    text = "我从6222020200012345678转账五万元到M-1001"
    filed = leads.file(quick_day.services, OFFICER, Report("hotline", text, amount_minor=5_000_000))
    case_id = casefiles.open_from_lead(quick_day.services, OFFICER, filed.lead_id)
    casefiles.close(quick_day.services, CHIEF, case_id, "done")
    with pytest.raises(Conflict) as refused:
        casefiles.order_proposed(quick_day.services, OFFICER, filed.lead_id)
    assert refused.value.code == "case_closed"


def test_a_hop_of_nothing_or_of_tomorrow_does_not_keep_the_others_from_being_stopped(quick_day):
    case_id, _ = a_case(quick_day)
    order_id = frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    with transaction(quick_day.services.engine) as session:
        for key, account, amount, at_ms in (("Z1", "M-5005", 0, NOON_MS), ("Z2", "M-6006", 7, NOON_MS + 10**9)):
            session.add(NextHopRow(order_id=order_id, transfer_id=key, bank="ccb", account=account, holder="周四",
                                   amount_minor=amount, at_ms=at_ms))  # fmt: skip
    assert len(stop_orders.fan_out(quick_day.services, OFFICER, order_id)) == 1
    (made,) = (row for row in stop_orders.listed(quick_day.services, CHIEF, case_id=case_id) if row.account == "M-6006")
    assert (made.amount_minor, made.transfer_at_ms <= quick_day.services.clock()) == (7, True)


def test_a_change_whose_audit_line_cannot_be_written_is_not_made(quick_day, monkeypatch):
    services = quick_day.services
    with transaction(services.engine) as session:
        before = session.scalar(select(func.count()).select_from(LeadRow))

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "append", full)
        with pytest.raises(OSError, match="no space"):
            leads.file(services, OFFICER, Report("hotline", "骗了 3 万元"))
    with transaction(services.engine) as session:
        assert session.scalar(select(func.count()).select_from(LeadRow)) == before
    filed = leads.file(services, OFFICER, Report("hotline", "骗了 3 万元"))
    leads.reject(services, OFFICER, filed.lead_id, "no such person")
    with transaction(services.engine) as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.target == filed.lead_id)).all()
        assert [(line.action, line.outcome) for line in lines] == [("lead.reject", "ok")]


def test_who_said_where_money_goes_does_not_approve_that_it_goes_there(quick_day):
    """One supervisor sends a victim's money elsewhere, an officer plans without looking, and the supervisor approves."""
    services, (case_id, _) = quick_day.services, a_case(quick_day)
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    victim = casefiles.add_victim(services, OFFICER, case_id, "王芳", 1_000, "V-1", "icbc")
    returns.pay_to(services, CHIEF, case_id, victim, "CHIEF-1")
    plan = returns.draft(services, OFFICER, case_id)
    with pytest.raises(NotAllowed) as refused:
        returns.approve(services, CHIEF, plan)
    assert refused.value.code == "own_destination"
    returns.drop(services, OFFICER, plan)
    returns.pay_to(services, OFFICER, case_id, victim, "V-1", "icbc")
    returns.approve(services, CHIEF, returns.draft(services, OFFICER, case_id))


def test_who_brought_a_victim_in_does_not_approve_the_plan_that_pays_them(quick_day):
    services, (case_id, _) = quick_day.services, a_case(quick_day)
    frozen(quick_day, case_id, "M-3003", "abc", "孙三", 1_000)
    casefiles.add_victim(services, CHIEF, case_id, "a friend", 1_000, "F-1", "icbc")
    with pytest.raises(NotAllowed) as refused:
        returns.approve(services, CHIEF, returns.draft(services, OFFICER, case_id))
    assert refused.value.code == "own_destination"
