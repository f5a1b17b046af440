"""A bank that is played by a script: takes Ringtrace's signed orders and sends signed answers when their time has come.

For drills on the real pages and for trying an integration out. It has the endpoints' secrets of the installation whose
data folder it is started in, so it can stand for any of its banks, but only for messages that are sent to its address.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any

import urllib3

from cases import bank_script
from cases.bank_script import Planned, Reading, Rule, Script
from cases.simulated_bank import SimulatedBank
from core.clock import now_ms
from core.db import transaction
from core.errors import NotFound
from outbox import endpoints
from security.roles import Actor, Permission
from usecases import deliveries
from usecases.auditing import audited
from usecases.services import Services
from usecases.simulated_bank import BankServer

AGAIN_MS = 5_000


class ScriptedBank(BankServer):
    """BankServer that answers by a script, and by the book where the script says so."""

    def __init__(
        self, script: Script, book: SimulatedBank | None, master: bytes, port: int, version_of: Callable[[str], int],
        clock: Callable[[], int] = now_ms,
    ) -> None:  # fmt: skip
        self.reading, self.has_book = Reading(script), book is not None
        self._rule = Rule()
        self._due: list[tuple[int, int, str, dict[str, Any], Planned | None]] = []
        self._serial = itertools.count()
        super().__init__(book or SimulatedBank([], []), master, clock, port, version_of)

    def fault_of(self, name: str, message: Mapping[str, Any]) -> str:
        """See BankServer; only orders are told apart by rules."""
        if message["kind"] != "stop_order":
            return "ok"
        self._rule = self.reading.rule(name, str(message["account"]))
        return self._rule.fault

    def carry_out(self, name: str, message: Mapping[str, Any]) -> None:
        """See BankServer: an order is answered later by its rule, the rest at once."""
        now = self.clock()
        if message["kind"] == "stop_order":
            for planned in bank_script.plan(self._rule):
                self._later(now + planned.after_ms, name, dict(message), planned)
        elif message["kind"] == "money_return" and not self.has_book:
            if self.reading.script.returns == "paid":
                said = {"kind": "return_done", "line_id": message["line_id"], "amount_minor": message["amount_minor"]}
                self._later(now, name, said, None)
        else:
            super().carry_out(name, message)
            while self.said:
                at, said = self.said.pop()
                self._later(now, at, said, None)

    def _later(self, at_ms: int, name: str, message: dict[str, Any], planned: Planned | None) -> None:
        heapq.heappush(self._due, (at_ms, next(self._serial), name, message, planned))

    def due(self) -> list[tuple[str, dict[str, Any]]]:
        """What is to be said now, as (bank, message), each once."""
        ready = []
        with self._lock:
            while self._due and self._due[0][0] <= self.clock():
                _, _, name, message, planned = heapq.heappop(self._due)
                ready.append((name, message if planned is None else self._answer(name, message, planned)))
        return ready

    def _answer(self, name: str, order: dict[str, Any], planned: Planned) -> dict[str, Any]:
        if planned.step.answer == "book" and self.has_book:
            return self.bank.answer(name, order, self.clock())
        return bank_script.answer(planned.step, order, self.clock())

    def unheard(self, name: str, message: dict[str, Any]) -> None:
        """Say it again later: nobody heard it."""
        with self._lock:
            self._later(self.clock() + AGAIN_MS, name, message, None)


def serve(
    services: Services, actor: Actor, script: Script, book: SimulatedBank | None, port: int, service: str,
    stop: threading.Event, tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Play the bank on `127.0.0.1:<port>` until `stop`; answers go to the Ringtrace at the address `service`.

    Raises NotAllowed, and OSError when the port is taken.
    """
    with audited(services, actor, Permission.DELIVERIES_MANAGE, "bank.simulate", str(port)):
        bank = ScriptedBank(script, book, deliveries.master_key(services), port, _versions(services))
    try:
        tell(f"simulated bank: endpoints at {bank.url('<endpoint name>')}, answers to {service}")
        http = urllib3.PoolManager(timeout=10, retries=False)
        while not stop.wait(0.2):
            for name, message in bank.due():
                tell(_say(http, service.rstrip("/"), bank, name, message))
    finally:
        bank.close()


def _versions(services: Services) -> Callable[[str], int]:
    """The version of an endpoint's secrets as it stands now; one that is not known has the first."""

    def version(name: str) -> int:
        with transaction(services.engine) as session:
            try:
                return endpoints.get(session, name).key_version
            except NotFound:
                return 1

    return version


def _say(http: urllib3.PoolManager, service: str, bank: ScriptedBank, name: str, message: dict[str, Any]) -> str:
    """Send one answer; returns what is to be told of it."""
    about = (
        f"{name}: {message['kind']} {message.get('answer', '')} {message.get('order_id') or message.get('line_id', '')}"
    )
    headers, body = bank.signed(name, message)
    headers["content-type"] = "application/json"
    try:
        answer = http.request("POST", f"{service}/api/v1/hooks/{name}", body=body, headers=headers)
    except urllib3.exceptions.HTTPError as error:
        bank.unheard(name, message)
        return f"{about}: not heard ({type(error).__name__}), said again later"
    if answer.status >= 500 or answer.status == 429:
        bank.unheard(name, message)
        return f"{about}: {answer.status}, said again later"
    return f"{about}: {answer.status} {answer.data.decode(errors='replace')[:200].strip()}"
