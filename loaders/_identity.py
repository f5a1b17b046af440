"""Business ids: one normal form for each label, so that the same thing written two ways is one node."""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from loaders._judge import Field, Judge
from loaders._plan import Output
from loaders._text import NOTHING, clean

#: Ids that do not tell upper from lower case; those of accounts, wallets and handles may.
_CASELESS = frozenset({"Domain", "Organization", "IP", "Device"})
_PLAIN = r"^[!-~](?:[ -~]*[!-~])?$"
#: What core.ids.derived puts between the parts of an id.
SEPARATOR = "\x1f"
_INVISIBLE = r"[\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2064}\u{2066}-\u{2069}\u{feff}\u{00ad}]"


def normal_id(label: str, values: pl.Series, judge: Judge, of: Field, *, case: str = "") -> pl.Series:
    """`values` in the normal form of a label's ids: trimmed, NFC, plain instead of full-width letters and digits, no invisible characters, case folded where the
    label does not tell cases apart (or as `case` says: upper, lower, keep); mobile numbers in E.164.

    Rejected when required: blank ids (also NULL, N/A and the like) and numbers a spreadsheet turned into 6.2E+18.
    """
    text = values if values.dtype == pl.String else values.cast(pl.String)
    if not text.str.contains(_PLAIN).fill_null(False).all():
        text = clean(text, judge, of)
        hidden = text.str.contains(_INVISIBLE).fill_null(False)
        if hidden.any():
            judge.notes.add(f"{of.heading} has invisible characters, left out of the id", int(hidden.sum()))
            text = text.str.replace_all(_INVISIBLE, "")
    blank = text.is_null() | text.is_in(pl.Series(NOTHING).implode())
    if of.required:
        judge.reject(blank, values, of, "blank_id", "an id")
    elif blank.any():
        text = text.set(blank, None)
    if text.str.contains("+", literal=True).any():
        damaged = text.str.contains(r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$").fill_null(False)
        judge.reject(
            damaged,
            values,
            of,
            "damaged_id",
            "the id in full; format the column as text before saving from a spreadsheet",
        )
    return _by_label(label, text, case)


def _by_label(label: str, text: pl.Series, case: str) -> pl.Series:
    if case == "upper":
        return text.str.to_uppercase()
    if case == "lower" or (not case and label in _CASELESS):
        return text.str.to_lowercase()
    if label == "Phone":
        return _phone(text)
    return text


def _phone(text: pl.Series) -> pl.Series:
    """E.164 for Chinese mobile numbers and numbers with an international prefix; others as dialled, without spaces."""
    bare = text.str.replace_all(r"[\s()\-.]", "").str.replace(r"^00([1-9])", "+$1")
    return bare.str.replace(r"^(?:\+?86)?(1[3-9][0-9]{9})$", "+86$1")


def state_ids(output: Output, starts: pl.Series, ends: pl.Series) -> pl.Series:
    """Ids of state relationships: `core.ids.derived` of type, both labels and both ends, the same in every loader."""
    kind = SEPARATOR.join((output.type_name, output.from_label, output.to_label)) + SEPARATOR
    texts = pl.select(pl.concat_str([pl.lit(kind), pl.lit(starts), pl.lit(SEPARATOR), pl.lit(ends)])).to_series()
    # Written out, as a call of derived() for each of 100,000 rows takes three times as long.
    ids = [blake2b(text.encode(), digest_size=16).hexdigest() if text is not None else None for text in texts.to_list()]
    return pl.Series("id", ids, dtype=pl.String)
