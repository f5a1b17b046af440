"""What passes between the outbox and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.clock import HOUR_MS
from outbox.states import DeliveryState, DeliveryVerb


@dataclass(frozen=True, slots=True)
class Message:
    """A message to enqueue: `kind` and `subject` name what it is about (`stop_order`, its id); `body` is JSON text.

    The same `idempotency_key` to the same endpoint is the same message: it is enqueued once.
    """

    endpoint: str
    kind: str
    subject: str
    idempotency_key: str
    body: str
    give_up_after_ms: int = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a delivery goes and with which secret it is signed."""

    name: str
    title: str
    channel: str
    address: str
    key_version: int
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it stands."""

    id: str
    endpoint: str
    kind: str
    subject: str
    idempotency_key: str
    body: str
    state: DeliveryState
    attempts: int
    created_at_ms: int
    due_at_ms: int
    give_up_at_ms: int
    changed_at_ms: int
    said: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt, or one question about it, ended. `retry_after_s` is the receiver's own wish."""

    verb: DeliveryVerb
    said: str = ""
    retry_after_s: int | None = None


class Channel(Protocol):
    """One way out of the house."""

    @property
    def name(self) -> str:
        """The channel's name, as endpoints carry it."""

    def send(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome:
        """Send once: CONFIRM, BOUNCE, REFUSE or DOUBT. Raises nothing: what is not known is DOUBT."""

    def ask(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome | None:
        """Whether an earlier sending arrived: FIND or MISS; None when it cannot be told now."""
