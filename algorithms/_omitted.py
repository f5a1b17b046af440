"""What a finding says it leaves out: one wording for every algorithm."""

from __future__ import annotations

from typing import Literal

from core.message import say

What = Literal["members", "accounts", "transfers", "movements", "calls and texts", "shared things"]


def left_out(total: int, limit: int) -> list[str]:
    """A sentence about the findings a limit on their number leaves out; none when all are reported."""
    missing = total - limit
    return [say("{n} less suspicious findings were left out by the limit", n=missing)] if missing > 0 else []


def not_listed(what: What, total: int, most: int) -> list[str]:
    """A sentence about what of one finding is not listed when at most `most` are; none when all of it is."""
    if total <= most:
        return []
    counts = {"n": total - most, "total": total}
    match what:
        case "members":
            return [say("{n} of {total} members are not listed", **counts)]
        case "accounts":
            return [say("{n} of {total} accounts are not listed", **counts)]
        case "transfers":
            return [say("{n} of {total} transfers are not listed", **counts)]
        case "movements":
            return [say("{n} of {total} movements are not listed", **counts)]
        case "shared things":
            return [say("{n} of {total} shared things are not listed", **counts)]
        case "calls and texts":
            return [say("{n} of {total} calls and texts are not listed", **counts)]
