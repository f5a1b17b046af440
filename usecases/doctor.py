"""What works in this installation and what does not, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import RingtraceError, StoreUnavailable
from core.settings import Settings
from graph.stores import open_store
from ledger.projection import check as check_counts
from usecases import bootstrap


@dataclass(frozen=True, slots=True)
class Check:
    """One part: whether it works, and what there is to say of it."""

    name: str
    ok: bool
    says: str


def examine(settings: Settings) -> list[Check]:
    """Try each part in turn; a part that fails says why in one line and does not stop the others."""
    return [
        _try("system database", lambda: _database(settings)),
        _try("ledger", lambda: _ledger(settings)),
        _try(f"{settings.store} store", lambda: _store(settings)),
    ]


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except (RingtraceError, OSError) as error:
        return Check(name, False, str(error))


def _database(settings: Settings) -> str:
    services = bootstrap.open_ledger(settings)
    says = services.engine.url.render_as_string(hide_password=True)
    bootstrap.close(services)
    return says


def _ledger(settings: Settings) -> str:
    services = bootstrap.open_ledger(settings)
    head, rows = services.ledger.head_seq(), 0
    for seq in range(1, head + 1):
        rows += sum(len(part) for part in services.ledger.read(seq))
    bootstrap.close(services)
    return f"{head} batches, {rows:,} rows, every file as it was written"


def _store(settings: Settings) -> str:
    try:
        store = open_store(settings)
    except StoreUnavailable as error:
        if error.code != "store_locked":
            raise
        return "in use by another process, as while the service runs; stop it to have the store checked"
    services = bootstrap.open_ledger(settings)
    try:
        check_counts(services.ledger, store)
        behind = services.ledger.head_seq() - store.applied_seq()
        return f"at batch {store.applied_seq()}" + (
            f", {behind} behind the ledger (applied at the next start)" if behind else ""
        )
    finally:
        store.close()
        bootstrap.close(services)
