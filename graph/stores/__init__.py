"""The stores behind the port; `open_store` is the only place that chooses one."""

from __future__ import annotations

from core.errors import NotConfigured
from core.settings import Settings
from graph.port import GraphStore


def open_store(settings: Settings) -> GraphStore:
    """The store the settings name, connected, with its schema ensured.

    Raises StoreUnavailable (locked, unreachable, wrong password), StoreOutdated or StoreDamaged, one line each.
    """
    if settings.store == "ladybug":
        from graph.stores.ladybug import LadybugStore

        return LadybugStore.open(settings)
    if settings.store == "neo4j":
        from graph.stores.neo4j import Neo4jStore

        return Neo4jStore.open(settings)
    raise NotConfigured(f"unknown store {settings.store!r}: set RINGTRACE_STORE to ladybug or neo4j")


def discard_store(settings: Settings) -> None:
    """Empty the store the settings name, whatever its state or schema version, so that a rebuild can start.

    Raises StoreUnavailable while another process holds it or when it cannot be reached.
    """
    if settings.store == "ladybug":
        from graph.stores.ladybug import LadybugStore

        LadybugStore.discard(settings)
    else:
        from graph.stores.neo4j import Neo4jStore

        Neo4jStore.discard(settings)
