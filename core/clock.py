"""Time: UTC epoch milliseconds in the stores, aware datetimes at the edges."""

from __future__ import annotations

import time
from datetime import UTC, datetime

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: The last millisecond of the year 9999: the latest moment a date can name.
LAST_MS = 253_402_300_799_999


def now_ms() -> int:
    """Current time as UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


def to_utc(at_ms: int) -> datetime:
    """Aware UTC datetime of an epoch-millisecond value."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def iso(at_ms: int) -> str:
    """ISO 8601 text in UTC with milliseconds and a trailing Z."""
    return to_utc(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
