"""What use cases work with; made once by usecases/bootstrap.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from core.clock import now_ms
from core.errors import NotConfigured, StoreUnavailable
from core.settings import Settings
from graph.port import GraphStore
from ledger.book import Ledger

if TYPE_CHECKING:
    from usecases.flight import Flight


class AbsentStore:
    """Stands in for the store in a process that opened only the ledger: any use raises StoreUnavailable."""

    def __getattr__(self, name: str) -> Any:
        raise StoreUnavailable("this process opened the ledger only: the graph store is not at hand")


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, the system database, the ledger and the graph store of one running process.

    `clock` gives UTC epoch milliseconds (a drill has its own); `money` is where chases read payments, None: the store.
    """

    settings: Settings
    engine: Engine
    ledger: Ledger
    store: GraphStore
    clock: Callable[[], int] = now_ms
    money: Any = None
    flight: Flight | None = None
    """Scoring of transfers in flight; None in a process that does not score."""

    @property
    def scoring(self) -> Flight:
        """The scoring of this process. Raises NotConfigured where there is none."""
        if self.flight is None:
            raise NotConfigured("this process does not score transfers: set RINGTRACE_SCORING=true for the service")
        return self.flight

    def settle_tables(self) -> None:
        """Wait a moment for the tables to have what scoring has answered: they are a little behind it."""
        if self.flight is not None and self.flight.ready:
            self.flight.written()

    @property
    def has_store(self) -> bool:
        """False in a process that opened only the ledger."""
        return not isinstance(self.store, AbsentStore)
