"""The installation at a glance: what is loaded, what was found, whether everything answers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from core.db import transaction
from core.errors import StoreUnavailable
from graph.queries import overview as queries
from graph.queries.overview import Overview
from ledger.model import Entry
from usecases.services import Services

LATEST = 10


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """Counts of the graph and the latest batches of the ledger, newest first."""

    counts: Overview
    loads: tuple[Entry, ...]
    batches: int


def at_a_glance(services: Services) -> AtAGlance:
    """Counts only, no personal data: whoever is signed in may see it."""

    head = services.ledger.head_seq()
    entries = services.ledger.entries(max(head - LATEST, 0))
    return AtAGlance(queries.overview(services.store), tuple(reversed(entries)), head)


def ready(services: Services) -> None:
    """Return when the system database and the graph store answer. Raises StoreUnavailable."""
    try:
        with transaction(services.engine) as session:
            session.execute(text("SELECT 1"))
        services.store.applied_seq()
    except Exception as error:
        raise StoreUnavailable(f"not ready: {type(error).__name__}") from error
