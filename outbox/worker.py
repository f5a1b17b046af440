"""The worker: takes what is due, sends it, records how it ended. One thread of the one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.clock import now_ms as wall_clock
from core.db import transaction
from outbox import endpoint_changes, endpoints, queue
from outbox.model import Channel, Delivery, Endpoint, Outcome
from outbox.states import DeliveryState, DeliveryVerb

_log = structlog.get_logger("ringtrace.outbox")
Settled = Callable[[Session, Delivery, int], None]
"""Called with (session, delivery as it is now, time) in the transaction that records the delivery's new state."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Sends what is due. `on_settled` hears of every change of a delivery by its kind."""

    engine: Engine
    channels: Mapping[str, Channel]
    on_settled: Mapping[str, Settled]
    clock: Callable[[], int] = wall_clock

    def run_once(self, limit: int = 50) -> int:
        """Look at everything due now; returns how many deliveries changed."""
        return sum(self._look(delivery) for delivery in queue.due(self.engine, self.clock(), limit))

    def _look(self, delivery: Delivery) -> bool:
        now = self.clock()
        if delivery.state is DeliveryState.SENDING:
            return self._record(delivery, Outcome(DeliveryVerb.DOUBT, "the sender stopped while sending"))
        if delivery.state is DeliveryState.QUEUED and now >= delivery.give_up_at_ms:
            return self._record(delivery, Outcome(DeliveryVerb.EXPIRE, f"given up; last: {delivery.said}"))
        endpoint, channel = self._way(delivery)
        if endpoint is None or channel is None or not endpoint.is_enabled:
            self._later(delivery, "the endpoint is unknown or switched off")
            return False
        if delivery.state is DeliveryState.UNKNOWN:
            found = channel.ask(endpoint, delivery, now)
            if found is None:
                self._later(delivery, "could not ask whether it arrived")
                return False
            return self._record(delivery, found)
        return self._send(endpoint, channel, delivery)

    def _send(self, endpoint: Endpoint, channel: Channel, delivery: Delivery) -> bool:
        with transaction(self.engine) as session:
            if not queue.claim(session, delivery, self.clock()):
                return False
        claimed = replace(delivery, state=DeliveryState.SENDING, attempts=delivery.attempts + 1)
        try:
            outcome = channel.send(endpoint, claimed, self.clock())
        except Exception as error:  # whatever a channel lets through, it may have sent
            outcome = Outcome(DeliveryVerb.DOUBT, f"{type(error).__name__} while sending")
        return self._record(claimed, outcome)

    def _record(self, delivery: Delivery, outcome: Outcome) -> bool:
        now = self.clock()
        with transaction(self.engine) as session:
            if not queue.settle(session, delivery, outcome, now):
                return False
            heard = self.on_settled.get(delivery.kind)
            if heard is not None:
                heard(session, queue.get(session, delivery.id), now)
        _log.info(
            "delivery", id=delivery.id, kind=delivery.kind, endpoint=delivery.endpoint, outcome=outcome.verb.value
        )
        return True

    def _way(self, delivery: Delivery) -> tuple[Endpoint | None, Channel | None]:
        with transaction(self.engine) as session:
            if delivery.kind == endpoint_changes.LEFT:
                endpoint = endpoint_changes.place_left(session, delivery.subject)
            else:
                endpoint = endpoints.find(session, delivery.endpoint)
        return (None, None) if endpoint is None else (endpoint, self.channels.get(endpoint.channel))

    def _later(self, delivery: Delivery, said: str) -> None:
        with transaction(self.engine) as session:
            queue.look_again(session, delivery, said, self.clock())


class Worker:
    """A thread that runs `work` every `every_s` seconds until `stop()`; an error is logged and the thread goes on."""

    def __init__(self, name: str, work: Callable[[], object], every_s: float = 1.0) -> None:
        self._work, self._every_s, self._name = work, every_s, name
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin working."""
        self._thread.start()

    def stop(self, wait_s: float = 30.0) -> None:
        """End after the work in hand; returns when the thread has ended or `wait_s` has passed."""
        self._stopping.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self._work()
            except Exception as error:
                _log.warning(
                    "worker failed, goes on", worker=self._name, error=type(error).__name__, reason=str(error)[:300]
                )
