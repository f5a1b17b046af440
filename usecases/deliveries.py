"""Deliveries that leave the house: what is on its way, what a person settles, and the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from core.clock import now_ms as wall_clock
from core.db import transaction
from core.errors import Conflict
from core.keyfile import load_or_make
from outbox import endpoint_changes, endpoints, queue, receiving, signing
from outbox.channels.email_form import EmailForm
from outbox.channels.sftp_file import SftpFile
from outbox.channels.webhook import Webhook
from outbox.endpoint_proposal import Change
from outbox.model import Channel, Delivery, Endpoint, Outcome
from outbox.states import DeliveryState, DeliveryVerb
from outbox.tables import DeliveryRow, EndpointRow
from outbox.worker import Dispatcher
from security import audit
from security.roles import Actor, Permission
from usecases import delivery_handlers
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.services import Services

MAX_PAGE = 200
#: What a person may say about a doubtful delivery after asking the receiver by other means.
BY_PERSON = {"arrived": DeliveryVerb.FIND, "send_again": DeliveryVerb.MISS, "drop": DeliveryVerb.REFUSE}


class _Seldom:
    """Says of each name once in `every_ms` that it is due."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms, self._last = every_ms, dict[tuple[str, str], int]()
        self._lock = threading.Lock()

    def is_due(self, name: tuple[str, str], now_ms: int) -> bool:
        """Whether this long has passed since it was last due; from now on it has not."""
        with self._lock:
            if abs(now_ms - self._last.get(name, -self._every_ms)) < self._every_ms:
                return False
            self._last[name] = now_ms
            return True


_REFUSALS = _Seldom(60_000)


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """Deliveries, those in doubt first, then the latest; how many there are by state; changes, those that wait first."""

    items: tuple[Delivery, ...]
    counts: Mapping[str, int]
    endpoints: tuple[Endpoint, ...]
    changes: tuple[Change, ...]


def master_key(services: Services) -> bytes:
    """The key all endpoint secrets are derived from: the setting, else made once in the home folder."""
    given = services.settings.outbox_key.get_secret_value()
    return load_or_make(services.settings.home / "outbox.key", given)


def channels(services: Services) -> dict[str, Channel]:
    """Every way out of the house."""
    master, spool = master_key(services), services.settings.home / "spool"
    ways: list[Channel] = [Webhook(master), SftpFile(master, spool), EmailForm(spool)]
    return {way.name: way for way in ways}


def dispatcher(services: Services, clock: Callable[[], int] = wall_clock) -> Dispatcher:
    """What sends everything that is due; run it by `outbox.worker.Worker`."""
    return Dispatcher(services.engine, channels(services), delivery_handlers.SETTLED, clock)


def enable_endpoint(services: Services, actor: Actor, name: str, enabled: bool) -> None:
    """Let deliveries leave for the endpoint, or keep them waiting. Raises NotFound, NotAllowed."""
    with (
        audited(services, actor, Permission.DELIVERIES_MANAGE, "endpoint.enable", name, enabled=enabled) as line,
        recorded(services, line) as session,
    ):
        endpoints.enable(session, name, enabled)


def listed(services: Services, actor: Actor, state: str = "", limit: int = 100) -> DeliveriesPage:
    """The latest deliveries, those in doubt first. Raises NotAllowed."""
    with (
        audited(services, actor, Permission.DELIVERIES_MANAGE, "delivery.list", state),
        transaction(services.engine) as session,
    ):
        query = select(DeliveryRow)
        if state:
            query = query.where(DeliveryRow.state == state)
        unknown = DeliveryRow.state == DeliveryState.UNKNOWN
        rows = session.scalars(query.order_by(unknown.desc(), DeliveryRow.id.desc()).limit(min(limit, MAX_PAGE))).all()
        counts = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)).all()
        return DeliveriesPage(
            tuple(queue.delivery_of(row) for row in rows), {name: int(n) for name, n in counts},
            tuple(endpoints.everything(session)), tuple(endpoint_changes.latest(session)),
        )  # fmt: skip


def settle(services: Services, actor: Actor, delivery_id: str, said: str, why: str) -> None:
    """A person says what became of a doubtful delivery (a key of BY_PERSON). Raises NotFound, Conflict, NotAllowed."""
    with (
        audited(
            services, actor, Permission.DELIVERIES_MANAGE, "delivery.settle", delivery_id, said=said, why=why
        ) as line,
        recorded(services, line) as session,
    ):
        delivery, now = queue.get(session, delivery_id), wall_clock()
        if said not in BY_PERSON or not queue.settle(session, delivery, Outcome(BY_PERSON[said], why), now):
            raise Conflict("the delivery has moved on meanwhile: load the page again", code="stale")
        heard = delivery_handlers.SETTLED.get(delivery.kind)
        if heard is not None:
            heard(session, queue.get(session, delivery_id), now)


def receive(
    services: Services, endpoint: str, headers: Mapping[str, str], body: bytes, now_ms: int | None = None
) -> str:
    """Take a signed message from an endpoint, once; returns what was done with it.

    Raises SignatureRefused (on record), BadInput for a text that is no message, Conflict for a reused id.
    """
    now = wall_clock() if now_ms is None else now_ms
    try:
        return _received(services, endpoint, headers, body, now)
    except (IntegrityError, StaleDataError):  # another message was first at the same moment
        return _received(services, endpoint, headers, body, now)
    except signing.SignatureRefused as error:
        _note_refusal(services, endpoint[:64], str(error), now)
        raise signing.SignatureRefused("this message is not accepted: its signature, time or id is not right") from None


def _note_refusal(services: Services, endpoint: str, why: str, now: int) -> None:
    """On record, for one name once a minute: anybody can knock here, and the record is kept for good."""
    with transaction(services.engine) as session:
        known = session.get(EndpointRow, endpoint) is not None
    name = endpoint if known else "unknown"
    if _REFUSALS.is_due((str(services.settings.home), name), now):
        who = Actor("", name, frozenset())
        audit.record(services.engine, who, "message.receive", name, {"error": why}, "signature_refused")


def _received(services: Services, endpoint: str, headers: Mapping[str, str], body: bytes, now: int) -> str:
    with transaction(services.engine) as session:
        message = receiving.take(session, master_key(services), endpoint, headers, body, now)
        if message.is_repeat:
            return "repeat"
        return delivery_handlers.take(session, endpoint, body, now)
