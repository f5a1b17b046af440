"""How far a Ladybug file has followed the ledger, as its own marks say."""

from __future__ import annotations

import ladybug

from graph.stores.ladybug_ddl import META, PART
from graph.stores.ladybug_scan import rows_of


def applied(connection: ladybug.Connection) -> int:
    """The last batch that is whole in the file."""
    return int(rows_of(connection, f"MATCH (m:{META} {{id: 'store'}}) RETURN m.applied_seq")[0][0])


def half_applied(connection: ladybug.Connection) -> int:
    """The batch after the last one applied when some of its parts are in; 0 when none is."""
    following = applied(connection) + 1
    found = rows_of(connection, f"MATCH (p:{PART} {{seq: $seq}}) RETURN count(*)", {"seq": following})[0][0]
    return following if found else 0
