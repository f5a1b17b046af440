"""Wires one process together: settings -> system database, ledger, graph store. The only file that knows every package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from cases import case_tables as _case_tables  # noqa: F401  (registers the tables on Base)
from cases import lead_tables as _lead_tables  # noqa: F401  (registers the tables on Base)
from cases import order_tables as _order_tables  # noqa: F401  (registers the tables on Base)
from cases import verdict_tables as _verdict_tables  # noqa: F401  (registers the table on Base)
from core import logs
from core.db import make_engine
from core.errors import StoreDamaged, StoreOutdated
from core.settings import Settings
from evaluation import tables as _evaluation_tables  # noqa: F401  (registers the tables on Base)
from graph.port import GraphStore, Progress, no_progress
from graph.stores import discard_store, open_store
from ledger.backed_store import LedgerBackedStore
from ledger.book import Ledger
from ledger.projection import catch_up, check, rebuild
from outbox import tables as _outbox_tables  # noqa: F401  (registers the tables on Base)
from scoring import tables as _scoring_tables  # noqa: F401  (registers the tables on Base)
from security import tables as _security_tables  # noqa: F401  (registers the tables on Base)
from security.workspace import tables as _workspace_tables  # noqa: F401  (registers the tables on Base)
from usecases import schema_version
from usecases.services import AbsentStore, Services


def open_ledger(settings: Settings) -> Services:
    """Services without a graph store, for what needs only the ledger and the system database.

    `services.store` raises StoreUnavailable when used.
    """
    logs.set_up()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = make_engine(settings.sql_url)
    schema_version.bring_up_to_date(engine)
    absent = cast(GraphStore, AbsentStore())
    return Services(settings, engine, Ledger(engine, settings.ledger_dir), absent)


def open_services(settings: Settings, progress: Progress = no_progress) -> Services:
    """Everything, with the graph store in step with the ledger: missing batches are replayed, counts compared.

    Raises StoreUnavailable, StoreOutdated or StoreDamaged, each one line that says what to do.
    """
    services = open_ledger(settings)
    store = open_store(settings)
    try:
        catch_up(services.ledger, store, progress)
        check(services.ledger, store)
    except BaseException:
        store.close()
        raise
    return Services(settings, services.engine, services.ledger, LedgerBackedStore(store, services.ledger))


@contextmanager
def running(settings: Settings, progress: Progress = no_progress) -> Iterator[Services]:
    """`open_services` that closes the store at the end."""
    services = open_services(settings, progress)
    try:
        yield services
    finally:
        close(services)


@contextmanager
def ledger_opened(settings: Settings) -> Iterator[Services]:
    """`open_ledger` that closes at the end."""
    services = open_ledger(settings)
    try:
        yield services
    finally:
        close(services)


def with_scoring(services: Services, *, beside: bool = False) -> Services:
    """The same services with scoring of transfers in flight, not started yet. It takes a second to import.

    `beside`: tables and ledger are written by processes of their own, for a service that answers many.
    """
    from usecases.flight import Flight
    from usecases.flight_writing import Beside, Here

    return replace(services, flight=Flight(services, writing=(lambda own: Beside(own.settings)) if beside else Here))


def close(services: Services) -> None:
    """End scoring, release the store's files and the database's connections."""
    if services.flight is not None:
        services.flight.stop()
    if services.has_store:
        services.store.close()
    services.engine.dispose()


def rebuild_store(settings: Settings, progress: Progress = no_progress, up_to: int | None = None) -> int:
    """Make the graph store anew from the ledger (up to a past batch when named); returns the batches applied.

    Works on a store that does not open any more or has another schema version. Raises StoreUnavailable while
    another process holds it.
    """
    services = open_ledger(settings)
    try:
        store = open_store(settings)
    except (StoreDamaged, StoreOutdated):
        discard_store(settings)
        store = open_store(settings)
    try:
        return rebuild(services.ledger, store, progress, up_to)
    finally:
        store.close()
        services.engine.dispose()
