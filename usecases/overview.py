"""The installation at a glance: what is loaded, what was found, whether everything answers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from core.db import transaction
from core.errors import StoreUnavailable
from graph.queries import overview as queries
from graph.queries.overview import Overview
from ledger.model import Entry
from usecases.follow import FINDINGS
from usecases.services import Services

LATEST = 8
#: So far back in the ledger loads are looked for: one detection of everything leaves a batch an algorithm.
_LOOK_BACK = 400


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """Counts of the graph, the latest loads of the ledger, newest first, and the newest batch that detection wrote."""

    counts: Overview
    loads: tuple[Entry, ...]
    detected: Entry | None
    batches: int


def at_a_glance(services: Services) -> AtAGlance:
    """Counts only, no personal data: whoever is signed in may see it."""
    head = services.ledger.head_seq()
    after = max(head - _LOOK_BACK, 0)
    loads = services.ledger.newest(LATEST, but=FINDINGS, after=after)
    detected = services.ledger.newest(1, of=FINDINGS, after=after)
    return AtAGlance(queries.overview(services.store), tuple(loads), detected[0] if detected else None, head)


def ready(services: Services) -> None:
    """Return when the system database and the graph store answer. Raises StoreUnavailable."""
    try:
        with transaction(services.engine) as session:
            session.execute(text("SELECT 1"))
        services.store.applied_seq()
    except Exception as error:
        raise StoreUnavailable(f"not ready: {type(error).__name__}") from error
