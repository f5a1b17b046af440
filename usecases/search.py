"""Finding a node by whatever is known of it."""

from __future__ import annotations

from graph.queries import search as queries
from graph.queries.search import Hit
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.services import Services

MAX_HITS = 100


def search(services: Services, actor: Actor, text: str, label: str | None = None, limit: int = 20) -> list[Hit]:
    """Up to `limit` nodes whose id, name or number fits `text`, best first. Raises NotAllowed, BadInput."""
    with audited(services, actor, Permission.GRAPH_READ, "graph.search", text[:200], label=label) as said:
        hits = queries.search(services.store, text, labels=[label] if label else (), limit=min(limit, MAX_HITS))
        said["hits"] = len(hits)
        return hits
