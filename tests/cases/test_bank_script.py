"""A bank played by a script: rules by account, faults at the door, answers later on, returns; wrong files are told."""

from __future__ import annotations

import json

import pytest
from chase import CHIEF, MIN, NOON_MS, OFFICER, Day, scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from with_endpoint import with_endpoint

from cases import answers, bank_book, bank_script
from cases.bank_script import Step
from cases.orders import Draft
from cli.bank import EXAMPLE
from core.errors import BadInput
from usecases import casefiles, leads, returns, stop_orders
from usecases.leads import Report
from usecases.scripted_bank import ScriptedBank


@pytest.fixture
def play(quick_day):
    """`play(script, book)` is a scripted bank behind the day's endpoints."""
    made = []

    def start(script: dict, book=None) -> ScriptedBank:
        bank = ScriptedBank(
            bank_script.parse(json.dumps(script)), book, quick_day.master, 0, lambda _: 1, quick_day.clock
        )
        made.append(bank)
        for name in ("icbc", "ccb", "abc"):
            with_endpoint(quick_day.services, name, bank.url(name))
        return bank

    yield start
    for bank in made:
        bank.close()


def approved(day: Day, account: str, bank: str = "ccb", amount: int = 1_000) -> str:
    filed = leads.file(day.services, OFFICER, Report("hotline", "骗了"))
    case_id = casefiles.open_from_lead(day.services, OFFICER, filed.lead_id)
    wanted = Draft(bank, account, "赵二", amount, "CNY", "T", NOON_MS - MIN)
    (order_id,) = stop_orders.draft(day.services, OFFICER, case_id, [wanted])
    stop_orders.approve(day.services, CHIEF, order_id, 1)
    return order_id


def spoken(day: Day, bank: ScriptedBank) -> list[str]:
    return [day.hear(name, message) for name, message in bank.due()]


def order(day: Day, order_id: str):
    return stop_orders.one(day.services, CHIEF, order_id)


def test_the_printed_example_plays_as_it_says(quick_day, play):
    bank = play(json.loads(EXAMPLE))
    made = {at: approved(quick_day, f"A-{at}") for at in ("0000", "1111", "2222", "3333")}
    made["abc"] = approved(quick_day, "B-1", "abc")
    quick_day.send()
    assert spoken(quick_day, bank) == ["applied"]  # the refusal comes at once
    assert order(quick_day, made["0000"]).order.reason == "there is no such account here"
    assert order(quick_day, made["abc"]).order.state == "approved"  # its first two tries bounced
    quick_day.pass_time(1 / 6)
    assert spoken(quick_day, bank) == ["applied"] and order(quick_day, made["3333"]).order.state == "frozen"
    quick_day.pass_time(1 / 3)
    spoken(quick_day, bank)
    gone = order(quick_day, made["2222"])
    assert (gone.order.state, [hop.account for hop in gone.hops]) == ("gone", ["6222020200099999999"])
    for _ in range(4):
        quick_day.pass_time(1)
        quick_day.send()
        spoken(quick_day, bank)
    row = order(quick_day, made["abc"]).order
    assert (row.state, row.frozen_minor) == ("frozen_part", 400)
    assert order(quick_day, made["1111"]).order.state == "sent"  # it never says anything


def test_what_is_frozen_by_a_script_is_paid_back_by_it(quick_day, play):
    bank = play({})
    order_id = approved(quick_day, "A-1")
    quick_day.send()
    assert spoken(quick_day, bank) == ["applied"]
    case_id = order(quick_day, order_id).order.case_id
    casefiles.add_victim(quick_day.services, OFFICER, case_id, "王芳", 700, "V-1", "icbc")
    returns.approve(quick_day.services, CHIEF, returns.draft(quick_day.services, OFFICER, case_id))
    quick_day.send()
    assert spoken(quick_day, bank) == ["applied", "applied"]  # to the victim, and the rest to the police account
    assert order(quick_day, order_id).order.returned_minor == 1_000


def test_with_a_book_orders_are_checked_by_the_rule(quick_day, play):
    bank = play({"rules": [{"account": "M-3003", "answer": "silent"}]}, scenario())
    good = approved(quick_day, "M-2002")
    quick_day.send()
    assert spoken(quick_day, bank) == ["applied"]
    assert order(quick_day, good).order.reason == "no payment came in at the time given"
    silent = approved(quick_day, "M-3003", "abc")
    quick_day.send()
    assert spoken(quick_day, bank) == [] and order(quick_day, silent).order.state == "sent"


def test_an_answer_nobody_heard_is_said_again(quick_day, play):
    bank = play({})
    order_id = approved(quick_day, "A-1")
    quick_day.send()
    ((name, message),) = bank.due()
    bank.unheard(name, message)
    assert bank.due() == []
    quick_day.pass_time(0.1)
    assert spoken(quick_day, bank) == ["applied"] and order(quick_day, order_id).order.state == "frozen"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{", "the file"), ('{"rules": [{"answer": "perhaps"}]}', "rules.0.answer"), ('{"rules": [{"answr": 1}]}', "answr"),
        ('{"rules": [{"answer": "frozen_part", "share": 1}]}', "rules.0.share"), ('{"rules": [{"after_s": -1}]}', "after_s"),
        ('{"rules": [{"next_hops": [{"bank": "x"}]}]}', "next_hops.0.account"), ('{"rules": {}}', "rules"), ("[]", "the file"),
    ],
)  # fmt: skip
def test_a_wrong_script_names_its_field(text, names):
    with pytest.raises(BadInput, match=names):
        bank_script.parse(text)


@pytest.mark.parametrize(
    ("book", "names"),
    [
        ({"accounts": [{"number": "1"}]}, "accounts.0.bank"),
        ({"accounts": [{"number": "1", "bank": "b", "holder": "h", "balance_minor": 1.5}]}, "balance_minor"),
        ({"accounts": [{"number": "1", "bank": "b", "holder": "h"}] * 2}, "each number stands once"),
        ({"moves": [{"id": "T", "source": "1", "target": "2", "amount_minor": 1, "at_ms": 0}]}, "moves.0"),
    ],
)
def test_a_wrong_book_names_its_field(book, names):
    with pytest.raises(BadInput, match=names):
        bank_book.read(json.dumps(book))


@given(
    st.sampled_from(["acknowledged", "frozen", "frozen_part", "refused", "gone", "book"]),
    st.integers(1, 10**18), st.floats(0.0001, 0.9999), st.integers(0, 2**47),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_a_script_says_is_an_answer_a_bank_may_give(said, amount, share, at_ms):
    asked = {"order_id": "order-1", "account": "A", "holder": "H", "amount_minor": amount, "transfer_at_ms": at_ms}
    hop = {"bank": "ccb", "account": "B", "holder": "I", "amount_minor": 1}
    step = Step.model_validate({"answer": said, "share": share, "next_hops": [hop, hop]})
    told = answers.parse(bank_script.answer(step, asked, at_ms))
    assert told.frozen_minor <= amount and len({one.transfer_id for one in told.next_hops}) == 2
    if told.answer == "frozen_part":
        assert 0 < told.frozen_minor < amount
    if told.answer == "frozen":
        assert told.frozen_minor == amount
