"""A day replayed: a victim's transfer, a lead, a case, orders, a bank that freezes part, the next hop, money returned."""

from __future__ import annotations

import pytest
from chase import CHIEF, OFFICER, Day

from cases import stop_ledger
from cases.leads import Determination
from cases.order_tables import OrderRow
from core.db import transaction
from core.errors import Conflict
from usecases import casefiles, kpis, leads, outcomes, returns, stop_orders
from usecases.leads import Report

TEXT = "我在2024年5月1日11点30分被冒充公安的人骗了，从6222020200012345678转账五万元到M-1001，对方电话13800138000。"


def test_from_the_victims_call_to_money_returned(day: Day):
    services = day.services
    filed = leads.file(services, OFFICER, Report("hotline", TEXT, reporter="王芳 13900139000"))
    view = leads.one(services, OFFICER, filed.lead_id)
    assert {(item.kind, item.value) for item in view.items} >= {
        ("account", "6222020200012345678"), ("account", "M-1001"), ("phone", "+8613800138000"), ("amount", "5000000"),
    }  # fmt: skip
    assert view.trace is not None and view.trace["seeds"] == ["T1"]  # it started itself
    remaining = {item["account"]: item["remaining_minor"] for item in casefiles.proposed(view.trace)}
    assert remaining == {"M-1001": 100_000, "M-2002": 2_900_000, "M-3003": 2_000_000}

    leads.assign(services, OFFICER, filed.lead_id)
    leads.verify(services, OFFICER, filed.lead_id, {item.seq: "confirmed" for item in view.items})
    case_id = casefiles.open_from_lead(services, OFFICER, filed.lead_id)
    drafted = casefiles.order_proposed(services, OFFICER, filed.lead_id, ["M-2002", "M-3003"])
    for order_id in drafted:
        stop_orders.approve(services, CHIEF, order_id, stop_orders.one(services, CHIEF, order_id).order.version)
    day.pass_time(5)  # meanwhile 17,000.00 left M-2002, and 3,000.00 was drawn from M-3003
    assert day.run() == ["applied", "applied"]
    by_account = {row.account: row for row in stop_orders.listed(services, OFFICER, case_id=case_id)}
    assert (by_account["M-2002"].state, by_account["M-2002"].frozen_minor) == ("frozen_part", 1_200_000)
    assert (by_account["M-3003"].state, by_account["M-3003"].frozen_minor) == ("frozen_part", 1_705_000)

    (next_id,) = stop_orders.fan_out(services, OFFICER, by_account["M-2002"].id)
    second = stop_orders.one(services, CHIEF, next_id).order
    assert (second.account, second.bank, second.amount_minor, second.layer) == ("M-4004", "ccb", 1_700_000, 3)
    stop_orders.approve(services, CHIEF, next_id, second.version)
    assert day.run() == ["applied"]
    assert stop_orders.one(services, CHIEF, next_id).order.state == "frozen"
    day.pass_time(100)
    day.bank.advance(day.clock.now)
    assert [move.id for move in day.bank.failed] == ["T6"]  # the cash-out found the account stopped

    casefiles.add_victim(services, OFFICER, case_id, "刘强", 2_500_000, "6222020200099999999", "ccb")
    with pytest.raises(
        Conflict, match="no account to pay to"
    ) as refused:  # the caller's account nobody has entered yet
        returns.draft(services, OFFICER, case_id)
    assert refused.value.code == "no_destination"
    (caller,) = [row for row in casefiles.one(services, OFFICER, case_id).victims if row.lead_id == filed.lead_id]
    returns.pay_to(services, OFFICER, case_id, caller.id, "6222020200012345678", "icbc")
    plan_id = returns.draft(services, OFFICER, case_id)
    returns.approve(services, CHIEF, plan_id)
    assert set(day.run()) == {"applied"}
    plan, lines, arithmetic = returns.one(services, OFFICER, plan_id)
    assert plan.money_minor == 4_605_000 and plan.police_minor == 0
    assert sum(line.amount_minor for line in lines) == 4_605_000
    assert [(item["claim_minor"], item["amount_minor"]) for item in arithmetic] == [
        (5_000_000, 3_070_000),
        (2_500_000, 1_535_000),
    ]
    case = casefiles.one(services, OFFICER, case_id)
    assert (case.rollup.lost_minor, case.rollup.returned_minor, case.rollup.frozen_minor) == (7_500_000, 4_605_000, 0)
    assert {row.freeze_state for row in case.orders if row.frozen_minor} == {"returned"}
    with transaction(services.engine) as session:
        for row in case.orders:
            assert stop_ledger.replayed(session, row.id) == stop_ledger.balance(session.get(OrderRow, row.id))

    leads.propose(
        services, OFFICER, filed.lead_id, Determination(True, "fake_police", 5_000_000, "李一", "money followed")
    )
    leads.decide(services, CHIEF, filed.lead_id, True)
    told = outcomes.by_code(services, filed.code.lower().replace("-", " "), "10.0.0.9")
    assert told is not None
    assert (told.step, told.frozen_minor, told.returned_minor, told.reward_grade) == (
        "adopted",
        4_605_000,
        3_070_000,
        "third",
    )
    assert outcomes.by_code(services, "AAAA-BBBB-CCCC-DDDD", "10.0.0.9") is None
    found = {item.kpi.name: item for item in kpis.figures(services, CHIEF, "all", 0, 2**50)}
    assert found["loss"].value == 7_500_000 and found["frozen"].value == found["returned"].value == 4_605_000
    assert (found["recovery_rate"].value, found["recovery_rate"].met) == (4_605_000 / 7_500_000, True)
    assert (found["precision"].value, found["recall"].value, found["answers_within_2h"].value) == (1, 1, 1)
    assert found["minutes_to_stop"].value == 5 and found["layers"].value == (2 + 2 + 3) / 3
    for group in ("week", "region", "typology"):
        parts = kpis.figures(services, CHIEF, group, 0, 2**50)
        assert sum(item.part for item in parts if item.kpi.name == "frozen") == 4_605_000
    assert [item.group for item in kpis.figures(services, CHIEF, "week", 0, 2**50) if item.kpi.name == "cases"] == [
        "2024-W18"
    ]
    assert b"recovery_rate" in kpis.as_csv(list(found.values()), "all", 0, 2**50)
    casefiles.close(services, CHIEF, case_id, "returned")
