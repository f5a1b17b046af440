"""Phone numbers: whose they are by numbering plan, signs that a card was resold or sits in a GoIP box, and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
import polars as pl
from phonenumbers import PhoneNumberType
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import DAY_MS
from scoring.tables import ListEntryRow

MAX_BATCH = 1_000
HOME = "CN"
#: China's ranges for machine cards, 11 or 13 digits (MIIT numbering: 140, 141, 144, 146, 148, 149, 172, 10648...).
_IOT = ("140", "141", "144", "146", "148", "149", "172", "1064", "1065")
#: Of 13 digits, which numbering plans for telephones do not know.
_IOT_LONG = ("1064", "1065", "1400", "1410", "1440")
#: Ranges of virtual operators, whose cards are resold most (MIIT: 162, 165, 167, 170, 171).
_RESOLD = ("162", "165", "167", "170", "171")
MANY_CARDS, MANY_DEVICES = 5, 4
DORMANT_MS, BURST_MS, BURST_CALLS = 30 * DAY_MS, DAY_MS, 20
_KINDS = {
    PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "fixed", PhoneNumberType.VOIP: "voip",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile", PhoneNumberType.TOLL_FREE: "service",
    PhoneNumberType.PREMIUM_RATE: "service", PhoneNumberType.SHARED_COST: "service",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attributed:
    """A number by its plan: E.164 (empty when it is none), country, carrier, region, kind."""

    given: str
    e164: str
    country: str
    carrier: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A number with the lists it is on and what speaks for resale or a phone farm."""

    number: Attributed
    lists: tuple[str, ...]
    signals: tuple[str, ...]


def attribute(given: str, language: str = "en") -> Attributed:
    """Read a number as dialled in China or with its country code; short codes (10086) keep their digits.

    Carrier and region come in `language` (en, zh) where the numbering plan's tables have it.
    """
    from phonenumbers import carrier, geocoder  # all the world's places: 100 MB and half a second, so only when asked

    text = given.strip()
    nothing = Attributed(given[:40], "", "", "", "", "invalid")
    digits = "".join(char for char in text if char.isdigit())
    if text.startswith(("+86", "0086")):
        digits = digits[digits.index("86") + 2 :]
    if text.isdigit() and 3 <= len(text) <= 6 and text[0] in "19":
        return Attributed(given[:40], text, HOME, "", "", "short_code")
    if len(digits) == 13 and digits.startswith(_IOT_LONG):
        return Attributed(given[:40], f"+86{digits}", HOME, "", "", "iot")
    try:
        parsed = phonenumbers.parse(text[:40], HOME)
    except phonenumbers.NumberParseException:
        return nothing
    if not phonenumbers.is_possible_number(parsed):
        return nothing
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    national = str(parsed.national_number)
    country = phonenumbers.region_code_for_number(parsed) or ""
    is_iot = parsed.country_code == 86 and national.startswith(_IOT)
    if not is_iot and not phonenumbers.is_valid_number(parsed):
        return nothing
    kind = "iot" if is_iot else _KINDS.get(phonenumbers.number_type(parsed), "other")
    return Attributed(
        given[:40], e164, country or HOME, carrier.name_for_number(parsed, language),
        geocoder.description_for_number(parsed, language), kind,
    )  # fmt: skip


def on_lists(session: Session, wanted: Sequence[str], at_ms: int) -> dict[str, list[str]]:
    """Lists each of these numbers is on at that time."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(wanted), 500):
        rows = session.scalars(
            select(ListEntryRow).where(
                ListEntryRow.kind == "phone", ListEntryRow.removed_at_ms.is_(None),
                ListEntryRow.value.in_(wanted[start : start + 500]),
            )
        )  # fmt: skip
        for row in rows:
            if row.expires_at_ms is None or row.expires_at_ms > at_ms:
                found.setdefault(row.value, []).append(row.list)
    return found


def checked(
    read: Sequence[Attributed], lists: Mapping[str, Sequence[str]], signals: Mapping[str, Sequence[str]]
) -> list[Checked]:
    """Lists and signals of each number, in the order given."""
    return [
        Checked(item, tuple(sorted(lists.get(item.e164, ()))), (*_by_range(item), *signals.get(item.e164, ())))
        for item in read
    ]


def resale_signals(rows: Mapping[str, pl.DataFrame], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Many cards on one device, one card on many devices, dormant then burst, from `devices` (phone, device) and
    `calls` (phone, at_ms)."""
    found: dict[str, list[str]] = {}
    devices, calls = rows["devices"].unique(), rows["calls"]
    cards = devices.group_by("device").agg(pl.col("phone").n_unique().alias("cards"))
    per = devices.join(cards, on="device").group_by("phone").agg(pl.col("cards").max(), pl.len().alias("devices"))
    for phone, most, many in per.filter(pl.col("phone").is_in(list(wanted))).rows():
        if most >= MANY_CARDS:
            found.setdefault(phone, []).append(f"many_cards_one_device: {most} cards in its device")
        if many >= MANY_DEVICES:
            found.setdefault(phone, []).append(f"one_card_many_devices: used in {many} devices")
    for phone, times in (
        calls.filter(pl.col("phone").is_in(list(wanted))).group_by("phone").agg(pl.col("at_ms").sort()).rows()
    ):
        burst = _burst(times)
        if burst:
            found.setdefault(phone, []).append(
                f"dormant_then_burst: {burst} calls within a day after 30 days of silence"
            )
    return found


def _burst(times: Sequence[int]) -> int:
    """Calls of the day after the longest silence, 0 when there was none or few."""
    most = 0
    for place in range(1, len(times)):
        if times[place] - times[place - 1] >= DORMANT_MS:
            count = sum(1 for at in times[place:] if at - times[place] <= BURST_MS)
            most = max(most, count)
    return most if most >= BURST_CALLS else 0


def _by_range(item: Attributed) -> tuple[str, ...]:
    national = item.e164.removeprefix("+86")
    if item.kind == "iot":
        return ("iot_card: a machine's card",)
    if item.country == HOME and national.startswith(_RESOLD):
        return ("resold_range: a virtual operator's range",)
    return ()
