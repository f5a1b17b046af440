"""What use cases work with; made once by usecases/bootstrap.py."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from core.settings import Settings
from graph.port import GraphStore
from ledger.book import Ledger


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, the system database, the ledger and the graph store of one running process."""

    settings: Settings
    engine: Engine
    ledger: Ledger
    store: GraphStore
