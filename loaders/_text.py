"""Text as it comes: trimmed and brought to one form for comparing, with what was changed noted."""

from __future__ import annotations

import polars as pl

from loaders._judge import Field, Judge

#: What spreadsheets and databases write for nothing.
NOTHING = ("", "null", "NULL", "None", "NaN", "nan", "N/A", "#N/A", "\\N", "-", "--", "—")


def clean(values: pl.Series, judge: Judge, of: Field) -> pl.Series:
    """`values` trimmed, and in compatibility form NFKC where not plain ASCII (full-width digits become plain ones)."""
    trimmed = values.str.strip_chars()
    if not bool((trimmed.str.len_bytes() != trimmed.str.len_chars()).any()):
        return trimmed
    normal = trimmed.str.normalize("NFKC")
    judge.notes.add(f"{of.heading} has full-width characters, read as plain ones", int((normal != trimmed).sum()))
    return normal


def optional(values: pl.Series) -> pl.Series:
    """Trimmed text with nulls for what means nothing; the text itself is kept as given."""
    trimmed = values.str.strip_chars()
    nothing = trimmed.is_in(pl.Series(NOTHING).implode())
    if not nothing.any():
        return trimmed
    return trimmed.set(nothing, None)
