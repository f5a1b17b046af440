"""What a lead's text says, in Chinese or English: accounts, phones, amounts, times. Proposals only: a person checks them.

Pure. Every item carries where it stands in the text, so that the page can show it in place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers

MAX_ITEMS = 400
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Item:
    """One thing read. `value` is its normal form: account without blanks, E.164 phone, minor units, epoch ms UTC."""

    kind: str
    value: str
    raw: str
    starts: int
    note: str = ""


def read(text: str, received_at_ms: int, zone: str) -> list[Item]:
    """Everything found, in the order of the text, each value of a kind once; at most MAX_ITEMS."""
    plain = _half_width(text[:MAX_TEXT])
    taken = bytearray(len(plain))  # by place: thousands of items must not be compared each with each
    found: list[Item] = []
    for reader in (_times(plain, received_at_ms, zone), _amounts(plain), _phones(plain), _accounts(plain)):
        for item in reader:
            ends = item.starts + len(item.raw)
            if not any(taken[item.starts : ends]):
                taken[item.starts : ends] = b"\x01" * (ends - item.starts)
                found.append(item)
    seen: dict[tuple[str, str], Item] = {}
    for item in sorted(found, key=lambda item: item.starts):
        seen.setdefault((item.kind, item.value), item)
    return list(seen.values())[:MAX_ITEMS]


def _half_width(text: str) -> str:
    """Full-width digits and signs as plain ones, one character for one, so that places stay the same."""
    return "".join(
        plain if len(plain := unicodedata.normalize("NFKC", char)) == 1 and char not in "，。；：" else char
        for char in text
    )


_ACCOUNT = re.compile(
    r"(?<![\w.])(\d(?:[ -]?\d){11,29}|[A-Za-z]{1,6}-?\d[\w-]{3,40}|[A-Za-z]-[\w-]{2,40})(?![\w])", re.ASCII
)
_ID_NUMBER = re.compile(r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]", re.ASCII)


def _accounts(text: str) -> Iterator[Item]:
    for match in _ACCOUNT.finditer(text):
        value = re.sub(r"[ ]", "", match[0]) if match[0][0].isdigit() else match[0]
        value = value.replace("-", "") if value[0].isdigit() else value
        if _ID_NUMBER.fullmatch(value):
            continue
        yield Item("account", value, match[0], match.start(), "" if not value.isdigit() else _luhn_note(value))


def _luhn_note(digits: str) -> str:
    total = 0
    for place, char in enumerate(reversed(digits)):
        number = int(char) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return "" if total % 10 == 0 or not 15 <= len(digits) <= 19 else "check_digit"


def _phones(text: str) -> Iterator[Item]:
    for match in phonenumbers.PhoneNumberMatcher(text, "CN"):
        # a run of digits inside a longer one is no phone
        before, after = text[max(match.start - 1, 0) : match.start], text[match.end : match.end + 1]
        if before.isdigit() or after.isdigit() or _ACCOUNT.fullmatch(match.raw_string.replace(" ", "")):
            continue
        e164 = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield Item("phone", e164, match.raw_string, match.start)


_SCALE = {
    "万": 10_000,
    "萬": 10_000,
    "亿": 100_000_000,
    "千": 1_000,
    "百": 100,
    "k": 1_000,
    "K": 1_000,
    "w": 10_000,
    "W": 10_000,
}
# every blank and run below is bounded, and none starts inside itself: texts come from outside, up to MAX_TEXT long
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d+)?"
_AMOUNT = re.compile(
    rf"(?P<sign>[¥￥$]|RMB|CNY|USD|人民币)\s{{0,4}}(?P<a>{_NUMBER})\s{{0,4}}(?P<as>万|亿|千)?(?![\d.])"
    rf"|(?<![\d.,])(?P<b>{_NUMBER})\s{{0,4}}(?P<bs>万|萬|亿|千|百|[kKwW](?![a-zA-Z]))?\s{{0,4}}余?多?(?P<unit>元|块|圆|rmb|RMB|yuan|CNY|cny|USD|dollars?|人民币)"
    rf"|(?<![\d.,])(?P<d>{_NUMBER})\s{{0,4}}(?P<ds>万|萬|亿)(?![一-鿿]*[年月人次])"
    r"|(?<![一二两三四五六七八九十百千万亿零〇])(?P<c>[一二两三四五六七八九十百千万亿零〇]{2,32})(?:余|多)?(?:元|块|圆)"
)
_DOLLARS = ("$", "USD", "dollar", "dollars")


def _amounts(text: str) -> Iterator[Item]:
    for match in _AMOUNT.finditer(text):
        if match["c"]:
            value = Decimal(_chinese_number(match["c"]))
        else:
            digits = (match["a"] or match["b"] or match["d"]).replace(",", "")
            scale = match["as"] or match["bs"] or match["ds"]
            value = Decimal(digits) * _SCALE.get(scale or "", 1)
        minor = value * 100
        if minor != minor.to_integral_value() or not 0 < minor <= 10**15:
            continue
        currency = "USD" if (match["sign"] or match["unit"] or "") in _DOLLARS else "CNY"
        yield Item("amount", str(int(minor)), match[0], match.start(), currency)


_DIGITS = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1_000}


def _chinese_number(text: str) -> int:
    """三万五千 is 35,000; 一万二 is 12,000, as people say it."""
    total, section, digit, last = 0, 0, 0, 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section, last, digit = section + (digit or 1) * _UNITS[char], _UNITS[char], 0
        else:
            total, last = (
                (total + section + digit) * (10_000 if char == "万" else 10**8),
                10_000 if char == "万" else 10**8,
            )
            section = digit = 0
    if digit and last > 10 and text[-1] in _DIGITS and "零" not in text[-2:] and "〇" not in text[-2:]:
        digit *= last // 10
    return total + section + digit


_CLOCK = r"(?:\s{0,4}(?P<half>上午|下午|中午|晚上|凌晨|早上|傍晚)?\s{0,4}(?P<h>\d{1,2})\s{0,4}(?:[:时点])\s{0,4}(?P<m>\d{1,2}|半)?\s{0,4}分?(?::(?P<s>\d{2}))?\s{0,4}(?P<ampm>[aApP]\.?[mM]\b)?)?"
#: Short and long names; the first three letters tell the month.
_MONTH = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?:(?P<y>(?:19|20)\d{2})\s{0,4}[年/.-]\s{0,4}(?P<mo>\d{1,2})\s{0,4}[月/.-]\s{0,4}(?P<d>\d{1,2})\s{0,4}[日号]?|(?P<mo2>\d{1,2})\s{0,4}月\s{0,4}(?P<d2>\d{1,2})\s{0,4}[日号]"
    rf"|\b(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\s{{1,4}}(?:of\s{{1,4}})?(?P<mon3>{_MONTH})\b\.?(?:,?\s{{1,4}}(?P<y3>(?:19|20)\d{{2}})\b)?"
    rf"|\b(?P<mon4>{_MONTH})\b\.?\s{{1,4}}(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?\s{{1,4}}(?P<y4>(?:19|20)\d{{2}})\b)?"
    r"|(?P<rel>今天|今日|昨天|昨日|前天|today|yesterday|今晚|昨晚|今早))(?:\s{0,4}T)?(?:\s{0,4}(?:,|at|，)?)" + _CLOCK,
    re.I,
)
_ONLY_CLOCK = re.compile(
    r"(?<![\d:.-])(?P<half>上午|下午|中午|晚上|凌晨|早上|傍晚)?\s{0,4}(?P<h>[01]?\d|2[0-3])\s{0,4}(?:[:时点])\s{0,4}(?P<m>[0-5]\d|半)?\s{0,4}分?(?::(?P<s>\d{2}))?\s{0,4}(?P<ampm>[aApP]\.?[mM]\b)?(?![\d:])"
)
_BACK = {
    "今天": 0,
    "今日": 0,
    "today": 0,
    "今晚": 0,
    "今早": 0,
    "昨天": 1,
    "昨日": 1,
    "yesterday": 1,
    "昨晚": 1,
    "前天": 2,
}


def _times(text: str, received_at_ms: int, zone: str) -> Iterator[Item]:
    now = datetime.fromtimestamp(received_at_ms / 1000, ZoneInfo(zone))
    day, spans = now, []
    for match in _DATE.finditer(text):
        found = _day(match, now)
        if found is None:
            continue
        day = found
        spans.append(match.span())
        at = _at(match, day)
        if at is not None:
            yield _time(match, at)
    for match in _ONLY_CLOCK.finditer(text):
        if all(match.end() <= low or match.start() >= high for low, high in spans) and match["m"]:
            at = _at(match, day)
            if at is not None:
                yield _time(match, at, "day_assumed" if not spans else "")


def _time(match: re.Match[str], at: datetime, note: str = "") -> Item:
    raw = match[0].rstrip()
    return Item("time", str(int(at.timestamp() * 1000)), raw, match.start(), note if match["h"] else "whole_day")


def _day(match: re.Match[str], now: datetime) -> datetime | None:
    try:
        if match["rel"]:
            return now - timedelta(days=_BACK[match["rel"].lower()])
        if match["y"]:
            return now.replace(year=int(match["y"]), month=int(match["mo"]), day=int(match["d"]))
        name = match["mon3"] or match["mon4"]
        month = _MONTHS.index(name[:3].lower()) + 1 if name else int(match["mo2"])
        found = now.replace(month=month, day=int(match["d3"] or match["d4"] or match["d2"]))
        if match["y3"] or match["y4"]:
            return found.replace(year=int(match["y3"] or match["y4"]))
        return found if found <= now + timedelta(days=1) else found.replace(year=now.year - 1)
    except ValueError:
        return None


def _at(match: re.Match[str], day: datetime) -> datetime | None:
    hour = int(match["h"]) if match["h"] else 0
    minute = 30 if match["m"] == "半" else int(match["m"] or 0)
    late = (match["half"] or "") in ("下午", "晚上", "傍晚") or (match["ampm"] or "").lower().startswith("p")
    late = late or ("晚" in (match.groupdict().get("rel") or "") and hour < 12)
    hour += 12 if late and hour < 12 else 0
    try:
        return day.replace(hour=hour, minute=minute, second=int(match["s"] or 0), microsecond=0)
    except ValueError:
        return None
