"""Amounts: exact text to integer minor units, a whole column at a time, never through a float."""

from __future__ import annotations

import polars as pl

from core.money import EXPONENT, MAX_MINOR
from loaders._judge import Field, Judge
from loaders._text import clean

_EXPECTED = {
    "missing_value": "an amount",
    "negative_amount": "an amount of zero or more",
    "exponent": "an amount written out, without exponent",
    "too_many_decimals": "at most {exponent} decimals",
    "too_large": "an amount of at most 10^18 minor units",
    "not_a_number": "an amount such as 1234.50",
}


def minor_units(
    values: pl.Series, currency: pl.Series, judge: Judge, of: Field, *, minor: bool, signed: bool = False
) -> pl.Series:
    """Int64 minor units of amounts in `values` (text, or integers already in minor units when `minor`).

    `currency` has a known code in each row (length 1: the same for all). Rows that cannot be read exactly are
    rejected: empty, not a number, negative (unless `signed`), with an exponent, with more decimals than the currency
    has, above 10^18. Thousands separators and full-width digits are read and noted.
    """
    if values.dtype.is_integer() and minor:
        return _whole(values.cast(pl.Int64, strict=False), values, judge, of, signed)
    text = values.cast(pl.String) if values.dtype != pl.String else values
    if values.dtype.is_float():
        judge.notes.add(f"{of.heading} is stored as floating point, read by its shortest decimal text", len(values))
    if minor:
        return _column(text, 0, judge, of, signed, None)
    codes = currency.unique().to_list()
    exponents = {EXPONENT.get(code, 2) for code in codes}
    if len(exponents) == 1:
        return _column(text, exponents.pop(), judge, of, signed, None)
    by_row = currency.replace_strict(EXPONENT, default=2, return_dtype=pl.Int64)
    result = pl.Series(values.name, [None], dtype=pl.Int64).new_from_index(0, len(values))
    for exponent in sorted(exponents):
        mine = by_row == exponent
        result = _column(text, exponent, judge, of, signed, mine).zip_with(mine, result)
    return result


def _whole(units: pl.Series, shown: pl.Series, judge: Judge, of: Field, signed: bool) -> pl.Series:
    if of.required:
        judge.reject(units.is_null(), shown, of, "missing_value", _EXPECTED["missing_value"])
    if not signed:
        judge.reject((units < 0).fill_null(False), shown, of, "negative_amount", _EXPECTED["negative_amount"])
    judge.reject((units.abs() > MAX_MINOR).fill_null(False), shown, of, "too_large", _EXPECTED["too_large"])
    return units


def _column(text: pl.Series, exponent: int, judge: Judge, of: Field, signed: bool, mine: pl.Series | None) -> pl.Series:
    """Minor units of a text column in one currency exponent; only rows of `mine` are judged."""
    plain = _pattern(exponent, 18 - exponent, signed)
    good = text.str.contains(plain).fill_null(False)
    if good.all():
        return _units(text, exponent)
    cleaned = clean(text, judge, of)
    grouped = cleaned.str.contains(r"^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$").fill_null(False)
    cleaned = cleaned.str.replace_all(",", "", literal=True).zip_with(grouped, cleaned)
    judge.notes.add(f"{of.heading} has thousands separators, removed", int(grouped.sum()))
    good = cleaned.str.contains(_pattern(exponent, 30, signed)).fill_null(False)
    units = _units(cleaned.set(~good, None), exponent)
    blank = cleaned.is_null() | (cleaned == "")
    wrong = ~good & ~blank if not of.required else ~good
    if mine is not None:
        wrong = wrong & mine
    for code, which in _reasons(cleaned, exponent, blank).items():
        judge.reject(wrong & which, text, of, code, _EXPECTED[code].format(exponent=exponent))
    over = good & units.is_null()
    judge.reject(over if mine is None else over & mine, text, of, "too_large", _EXPECTED["too_large"])
    return units


def _pattern(exponent: int, digits: int, signed: bool) -> str:
    # A currency without minor unit may still be written with zeros behind the point: that loses nothing.
    tail = rf"(\.[0-9]{{1,{exponent}}})?" if exponent else r"(\.0{1,2})?"
    return rf"^{'-?' if signed else ''}[0-9]{{1,{digits}}}{tail}$"


def _units(text: pl.Series, exponent: int) -> pl.Series:
    """Exact: decimal text to a 128-bit decimal of the currency's scale, whose physical integer is the minor units."""
    units = text.cast(pl.Decimal(38, exponent), strict=False).to_physical()
    if len(units) and (units.max() or 0) <= MAX_MINOR and (units.min() or 0) >= -MAX_MINOR:  # type: ignore[operator]
        return units.cast(pl.Int64)
    return units.set(units.abs() > MAX_MINOR, None).cast(pl.Int64)


def _reasons(cleaned: pl.Series, exponent: int, blank: pl.Series) -> dict[str, pl.Series]:
    """Which rows each code fits, in the order they are tried."""

    def fits(pattern: str) -> pl.Series:
        return cleaned.str.contains(pattern).fill_null(False)

    return {
        "missing_value": blank,
        "negative_amount": fits(r"^[-−(]\s*[0-9]"),
        "exponent": fits(r"^[+]?[0-9.]+[eE][+-]?[0-9]+$"),
        "too_many_decimals": fits(rf"^[0-9]{{1,30}}\.[0-9]{{{exponent + 1},}}$"),
        "too_large": fits(r"^[0-9]{31,}"),
        "not_a_number": ~blank,
    }
