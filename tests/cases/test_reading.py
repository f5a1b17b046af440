"""What a lead's text says, in Chinese and English; sealed fields and codes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.reading import MAX_ITEMS, read
from core.clock import iso
from core.errors import NotConfigured
from security import sealing

NOW = 1_714_550_400_000  # 2024-05-01 16:00 in Shanghai
KEY = bytes(range(32))


def found(text: str, kind: str) -> list[str]:
    return [item.value for item in read(text, NOW, "Asia/Shanghai") if item.kind == kind]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("转账五万元", 5_000_000), ("共三万五千元", 3_500_000), ("一万二元", 1_200_000), ("2.5万元", 250_0000), ("￥30000", 3_000_000),
        ("RMB 50,000.00", 5_000_000), ("12k yuan", 1_200_000), ("９８７．６５元", 98_765), ("一百零五元", 10_500), ("1亿元", 10**10),
    ],
)  # fmt: skip
def test_amounts(text, fen):
    assert found(text, "amount") == [str(fen)]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024年5月1日14时05分", "2024-05-01T06:05:00.000Z"), ("5月1日下午2点半", "2024-05-01T06:30:00.000Z"),
        ("昨晚8点", "2024-04-30T12:00:00.000Z"), ("2024-05-01 14:05:09", "2024-05-01T06:05:09.000Z"),
        ("yesterday at 2:05 pm", "2024-04-30T06:05:00.000Z"), ("12月31日9时", "2023-12-31T01:00:00.000Z"),
        ("on 15 February 2024 at 11:30 I paid", "2024-02-15T03:30:00.000Z"), ("the 3rd of Mar, 9:05 am", "2024-03-03T01:05:00.000Z"),
        ("April 30th, 2024 at 14:05", "2024-04-30T06:05:00.000Z"), ("Dec. 31 9:00", "2023-12-31T01:00:00.000Z"),
    ],
)  # fmt: skip
def test_times(text, at):
    assert [iso(int(value)) for value in found(text, "time")] == [at]


def test_accounts_and_phones_are_told_apart_and_identity_numbers_left_out():
    text = "从6222 0202 0001 2345 678到A-mule1，电话13800138000和+86 138 0013 8001，身份证11010119900307803X，5月1日"
    assert found(text, "account") == ["6222020200012345678", "A-mule1"]
    assert found(text, "phone") == ["+8613800138000", "+8613800138001"]


@pytest.mark.parametrize("text", ["2月30日", "25时70分", "0元", "不知道", "1.234元"])
def test_what_cannot_be_is_not_read(text):
    assert not [item for item in read(text, NOW, "Asia/Shanghai") if item.note != "whole_day"]


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_without_failing_and_items_stand_where_they_say(text):
    items = read(text, NOW, "Asia/Shanghai")
    assert len(items) <= MAX_ITEMS and len({(item.kind, item.value) for item in items}) == len(items)
    assert all(0 <= item.starts < len(text) for item in items)


@given(st.text(max_size=200), st.text(min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_sealed_field_opens_in_its_own_place_alone(text, place):
    sealed = sealing.seal(KEY, place, text)
    assert sealing.unseal(KEY, place, sealed) == text
    assert sealed != sealing.seal(KEY, place, text)
    for wrong_key, wrong_place in ((bytes(32), place), (KEY, place + "x")):
        with pytest.raises(NotConfigured):
            sealing.unseal(wrong_key, wrong_place, sealed)


def test_codes_are_read_as_people_type_them():
    code = sealing.new_code()
    assert len({sealing.new_code() for _ in range(200)}) == 200
    assert sealing.normal_code(code.lower().replace("-", " ")) == sealing.normal_code(code)
    assert sealing.normal_code("o0il-1") == "00111"


def test_what_stands_in_blanks_and_long_runs_is_still_read():
    assert found("今天  下午 3 点 20 分 转出  5 万 元", "amount") == ["5000000"]
    assert found("\n" * 10_000 + "被骗三万五千元" + " " * 9_000, "amount") == ["3500000"]
    assert found("一" * 15_000 + "元", "amount") == []
    assert len(found("".join(f"{at}万 " for at in range(1, 3_000)), "amount")) == MAX_ITEMS
