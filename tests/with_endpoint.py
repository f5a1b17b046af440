"""An endpoint that is there already, without the two persons who would propose and approve it."""

from __future__ import annotations

from core.clock import now_ms
from core.db import transaction
from outbox import endpoints
from usecases.services import Services


def with_endpoint(services: Services, name: str, address: str) -> None:
    """Put a webhook of this name there."""
    with transaction(services.engine) as session:
        endpoints.put(session, name, name, "webhook", address, now_ms())
