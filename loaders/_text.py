"""Text as it comes: trimmed and brought to one form for comparing, with what was changed noted."""

from __future__ import annotations

import polars as pl

from loaders._judge import Field, Judge

#: What spreadsheets and databases write for nothing.
NOTHING = ("", "null", "NULL", "None", "NaN", "nan", "N/A", "#N/A", "\\N", "-", "--", "—")


#: Full-width forms of the ASCII characters. NFKC would fold these too, but also read `10²` as 102 and `①` as 1.
_WIDE = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}


def clean(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """`values` trimmed, full-width letters and digits as plain ones, composed (NFC) where not plain ASCII."""
    trimmed = values.str.strip_chars()
    if not bool((trimmed.str.len_bytes() != trimmed.str.len_chars()).any()):
        return trimmed
    plain = trimmed.str.replace_many(_WIDE)
    judge.notes.add(f"{of.heading} has full-width characters, read as plain ones", int((plain != trimmed).sum()))
    return plain.str.normalize("NFC")


def optional(values: pl.Series) -> pl.Series:
    """Trimmed text with nulls for what means nothing; the text itself is kept as given."""
    trimmed = values.str.strip_chars()
    nothing = trimmed.is_in(pl.Series(NOTHING).implode())
    if not nothing.any():
        return trimmed
    return trimmed.set(nothing, None)
