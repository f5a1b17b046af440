"""Column types and the version counter casework's tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer

#: SQLite only counts up by itself on INTEGER PRIMARY KEY.
SERIAL = BigInteger().with_variant(Integer, "sqlite")
