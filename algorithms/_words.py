"""Sentences put together of others, the same way in every algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from core.message import Said, say


def joined(texts: Sequence[Said]) -> Said:
    """One or more sentences as one, parted by semicolons."""
    return reduce(lambda before, text: say("{before}; {text}", before=before, text=text), texts)
