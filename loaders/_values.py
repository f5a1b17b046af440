"""Whole numbers, fractions, yes and no, dates and lists of texts: one column at a time, the rest rejected."""

from __future__ import annotations

import polars as pl

from loaders._judge import Field, Judge
from loaders._text import clean, optional
from loaders._times import DATED

_YES = ("true", "t", "1", "y", "yes", "是", "有")
_NO = ("false", "f", "0", "n", "no", "否", "无")


def integers(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """Int64 of whole numbers written in digits; rejects anything else."""
    if values.dtype.is_integer():
        found = values.cast(pl.Int64, strict=False)
        text = values
    else:
        text = optional(clean(values.cast(pl.String), judge, of))
        plain = text.str.contains(r"^-?[0-9]{1,18}$").fill_null(True)
        judge.reject(~plain, values, of, "not_an_integer", "a whole number")
        found = text.set(~plain, None).cast(pl.Int64, strict=False)
    if of.required:
        judge.reject(text.is_null(), values, of, "missing_value", "a whole number")
    return found


def floats(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """Float64 of finite numbers; rejects NaN, infinity and other text."""
    text = values if values.dtype.is_numeric() else optional(clean(values.cast(pl.String), judge, of))
    found = text.cast(pl.Float64, strict=False)
    wrong = (found.is_null() & text.is_not_null()) | ~found.is_finite().fill_null(True)
    judge.reject(wrong, values, of, "not_a_number", "a finite number")
    if of.required:
        judge.reject(text.is_null(), values, of, "missing_value", "a number")
    return found.set(wrong, None)


def booleans(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """Yes and no in English, Chinese or as 1 and 0; blank is unknown."""
    if values.dtype == pl.Boolean:
        return values
    text = optional(values.cast(pl.String)).str.to_lowercase()
    yes, no = (text.is_in(pl.Series(words).implode()) for words in (_YES, _NO))
    judge.reject(
        (~yes & ~no & text.is_not_null()).fill_null(False),
        values,
        of,
        "not_yes_or_no",
        "true or false, 1 or 0, 是 or 否",
    )
    return yes.set((~yes & ~no).fill_null(False), None)


def days(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """ISO 8601 dates as text; rejects what is no date of the calendar or has the day or month first."""
    if values.dtype == pl.Date:
        return values.dt.to_string("%Y-%m-%d")
    text = optional(clean(values.cast(pl.String), judge, of))
    found = pl.Series([None], dtype=pl.Date).new_from_index(0, len(text))
    for form in (*DATED, "%Y%m%d"):
        if found.null_count() == text.null_count():
            break
        found = found.zip_with(found.is_not_null(), text.str.to_date(form, strict=False))
    judge.reject(found.is_null() & text.is_not_null(), values, of, "bad_date", "a date such as 1990-01-31")
    return found.dt.to_string("%Y-%m-%d")


def text_lists(values: pl.Series, judge: Judge, of: Field) -> pl.Series:  # noqa: ARG001
    """Lists of texts from texts separated by `|`."""
    if isinstance(values.dtype, pl.List):
        return values
    return optional(values.cast(pl.String)).str.split("|")
