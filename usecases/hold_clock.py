"""The clock of holds: what has run out expires, and what ended unheard is told to the journal."""

from __future__ import annotations

from sqlalchemy import select

from core.clock import now_ms
from core.db import transaction
from core.errors import Conflict
from scoring.holds import OPEN, Verb
from scoring.tables import HoldRow
from usecases import holds
from usecases.services import Services

_AT_ONCE = 200


def run(services: Services) -> int:
    """Expire every open hold whose time has run out; returns how many."""
    with transaction(services.engine) as session:
        due = session.scalars(
            select(HoldRow.id)
            .where(HoldRow.state.in_([state.value for state in OPEN]), HoldRow.until_ms <= now_ms())
            .order_by(HoldRow.until_ms)
            .limit(_AT_ONCE)
        ).all()
    expired = 0
    for hold_id in due:
        try:
            holds.step(services, hold_id, Verb.EXPIRE, by="clock", note="the time ran out")
            expired += 1
        except Conflict:  # a person was quicker
            continue
    holds.settle_ended(services)
    return expired
