"""Times: text in a declared or recognised format to UTC epoch milliseconds, a whole column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import polars as pl

from core.clock import now_ms
from loaders._judge import Field, Judge
from loaders._text import clean

DATED = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
CLOCKED = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M", "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日%H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日%H时%M分%S秒",
)  # fmt: skip
ZONED = (
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S %z",
)
#: Digits alone are told apart by their number: 20240131, 20240131235959, epoch seconds, epoch milliseconds.
EPOCHS = {"epoch_s": 1000, "epoch_ms": 1}
_DIGITS = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 10: "epoch_s", 13: "epoch_ms"}
_OFFSET = r"([zZ]|[+-][0-9]{2}:?[0-9]{2})$"
_EARLIEST_EVENT_MS = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1000)
_EARLIEST_STATE_MS = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp() * 1000)
_AHEAD_MS = 5 * 60 * 1000


def epoch_ms(values: pl.Series, formats: Iterable[str], zone: str, judge: Judge, of: Field) -> pl.Series:
    """Int64 UTC epoch milliseconds of `values` (text, Arrow timestamps, or integers under an epoch format).

    Without `formats` the unambiguous ones above are tried; a day/month order is never guessed. Times without a zone
    are taken in `zone` and noted. Rejected: empty where required, unreadable, no such date, ambiguous, before 1990
    for events (1900 for other times), and more than five minutes ahead of the clock.
    """
    formats = tuple(formats)
    text = values
    if values.dtype == pl.Date:
        values = values.cast(pl.Datetime("ms"))
    if isinstance(values.dtype, pl.Datetime):
        found = (
            values.dt.epoch("ms")
            if values.dtype.time_zone
            else _placed(values.dt.cast_time_unit("ms"), zone, judge, of)
        )
    elif values.dtype.is_integer() and (not formats or formats[0] in EPOCHS):
        found = values.cast(pl.Int64) * (EPOCHS[formats[0]] if formats else 1)
    else:
        text = values.cast(pl.String)
        found = _parsed(text, formats, zone, judge, of)
    _judge_missing(text, found, judge, of)
    judge_range(found, text, judge, of)
    return found


def judge_range(found: pl.Series, shown: pl.Series, judge: Judge, of: Field) -> None:
    """Reject epoch milliseconds before 1990 (1900 for times that are not an event's) or more than 5 minutes ahead."""
    earliest, year = (_EARLIEST_EVENT_MS, "1990") if of.required else (_EARLIEST_STATE_MS, "1900")
    latest = now_ms() + _AHEAD_MS
    low, high = found.min(), found.max()
    if low is not None and int(low) < earliest:  # type: ignore[arg-type]
        judge.reject((found < earliest).fill_null(False), shown, of, "too_early", f"a time of {year} or later")
    if high is not None and int(high) > latest:  # type: ignore[arg-type]
        judge.reject((found > latest).fill_null(False), shown, of, "future_time", "a time that has passed")


def _parsed(text: pl.Series, formats: tuple[str, ...], zone: str, judge: Judge, of: Field) -> pl.Series:
    candidates = list(formats) or _likely(text)
    found = pl.Series(text.name, [None], dtype=pl.Int64).new_from_index(0, len(text))
    rest = text
    for number, form in enumerate([*candidates, *(() if formats else (*CLOCKED, *DATED, *ZONED, *_DIGITS.values()))]):
        if number == 1:
            rest = clean(rest, judge, of).str.replace(r"[zZ]$", "+00:00")
        parsed = _one_format(rest, form, zone, judge, of)
        if parsed.null_count() == len(parsed):
            continue
        found = parsed if found.null_count() == len(found) else found.zip_with(found.is_not_null(), parsed)
        if found.null_count() == 0:
            break
        rest = text.set(found.is_not_null(), None)
        rest = clean(rest, judge, of).str.replace(r"[zZ]$", "+00:00")
        if rest.drop_nulls().len() == 0:
            break
    return found


def _likely(text: pl.Series) -> list[str]:
    """The format that the first value fits, tried first so that a uniform column takes one pass."""
    first = next((item for item in text.head(50).to_list() if item and item.strip()), None)
    if first is None:
        return []
    sample = pl.Series([first.strip()])
    if re.fullmatch(r"[0-9]+", first.strip()):
        return [_DIGITS[len(first.strip())]] if len(first.strip()) in _DIGITS else []
    for form in (*CLOCKED, *DATED):
        if _naive(sample, form).null_count() == 0:
            return [form]
    return []


def _one_format(text: pl.Series, form: str, zone: str, judge: Judge, of: Field) -> pl.Series:
    if form in EPOCHS:
        digits = 10 if form == "epoch_s" else 13
        return text.set(~text.str.contains(rf"^[0-9]{{{digits}}}$"), None).cast(pl.Int64, strict=False) * EPOCHS[form]
    if form.endswith("%z"):
        aware = text.set(~text.str.contains(_OFFSET), None).str.to_datetime(form, time_unit="ms", strict=False)
        return aware.dt.epoch("ms") if aware.null_count() < len(aware) else aware.cast(pl.Int64)
    return _placed(_naive(text, form), zone, judge, of)


def _naive(text: pl.Series, form: str) -> pl.Series:
    if re.fullmatch(r"(%[Ymd])+", form) or "%H%M%S" in form:
        width = 14 if "%H" in form else 8
        text = text.set(~text.str.contains(rf"^[0-9]{{{width}}}$"), None)
    if "%H" not in form and "%I" not in form:
        return text.str.to_date(form, strict=False).cast(pl.Datetime("ms"))
    return text.str.to_datetime(form, time_unit="ms", strict=False)


def _placed(naive: pl.Series, zone: str, judge: Judge, of: Field) -> pl.Series:
    count = len(naive) - naive.null_count()
    if not count:
        return naive.cast(pl.Int64)
    if zone != "UTC":
        judge.notes.add(f"{of.heading} has no time zone, taken as {zone}", count)
        naive = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return naive.dt.epoch("ms")


def _judge_missing(text: pl.Series, found: pl.Series, judge: Judge, of: Field) -> None:
    if found.null_count() == 0:
        return
    missing = found.is_null()
    if text.dtype != pl.String:
        if of.required:
            judge.reject(missing, text, of, "missing_value", "a time")
        return
    trimmed = text.str.strip_chars()
    blank = trimmed.is_null() | (trimmed == "")
    if of.required:
        judge.reject(blank, text, of, "missing_value", "a time")
    wrong = missing & ~blank
    swapped = trimmed.str.contains(r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}").fill_null(False)
    judge.reject(wrong & swapped, text, of, "ambiguous_date", "year first, or a format declared in the mapping")
    dated = trimmed.str.contains(r"^[0-9]{4}\D?[0-9]{1,2}\D?[0-9]{1,2}").fill_null(False)
    judge.reject(wrong & dated, text, of, "no_such_time", "a date and time of the calendar")
    judge.reject(wrong, text, of, "bad_time", "a time such as 2024-01-31 23:59:59")
