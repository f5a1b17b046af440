"""A day's scenario: people, a simulated bank behind a socket, a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from with_endpoint import with_endpoint

from cases.simulated_bank import BankAccount, Move, SimulatedBank
from core.db import Base, make_engine
from core.settings import Settings
from graph.excerpt import Payment
from ledger.book import Ledger
from outbox.channels.webhook import Webhook
from outbox.worker import Dispatcher
from security.roles import Actor
from usecases import bootstrap as _every_table  # noqa: F401
from usecases import deliveries, delivery_handlers, order_answers
from usecases.drill_scenario import BookMoney
from usecases.services import AbsentStore, Services
from usecases.simulated_bank import BankServer

NOON_MS = 1_714_536_000_000  # 2024-05-01 12:00 in Shanghai
MIN = 60_000
OFFICER = Actor("u-officer", "officer", frozenset({"investigator"}))
CHIEF = Actor("u-chief", "chief", frozenset({"supervisor"}))


class Clock:
    """UTC epoch milliseconds, moved by hand."""

    def __init__(self, now: int = NOON_MS) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class ScenarioMoney(BookMoney):
    """What the graph knows: the payments that have happened in the bank's book by the time that is asked for."""

    def payments(self, accounts: Sequence[str], from_ms: int, to_ms: int) -> Iterable[Payment]:
        self.bank.advance(to_ms)
        return super().payments(accounts, from_ms, to_ms)


def scenario() -> SimulatedBank:
    """The victim pays 50,000.00; mule 1 splits it; mule 2 and the collector pass it on within the hour."""
    accounts = [
        BankAccount("6222020200012345678", "icbc", "王芳", 9_000_000),
        BankAccount("M-1001", "icbc", "李一", 10_000),
        BankAccount("M-2002", "ccb", "赵二", 0),
        BankAccount("M-3003", "abc", "孙三", 5_000),
        BankAccount("M-4004", "ccb", "周四", 0),
        BankAccount("ATM-1", "icbc", "ATM", 0, "cash"),
    ]
    moves = [
        Move("T1", "6222020200012345678", "M-1001", 5_000_000, NOON_MS - 30 * MIN),
        Move("T2", "M-1001", "M-2002", 2_900_000, NOON_MS - 20 * MIN),
        Move("T3", "M-1001", "M-3003", 2_000_000, NOON_MS - 15 * MIN),
        Move("T4", "M-2002", "M-4004", 1_700_000, NOON_MS + 4 * MIN),
        Move("T5", "M-3003", "ATM-1", 300_000, NOON_MS + 3 * MIN, "atm"),
        Move("T6", "M-4004", "ATM-1", 1_600_000, NOON_MS + 90 * MIN, "atm"),
    ]
    return SimulatedBank(accounts, moves)


class Day:
    """Everything a day needs. `run` lets the outbox, the banks' answers and the clocks work."""

    def __init__(self, home: Path, url: str = "") -> None:
        settings = Settings(home=home, database_url=url)
        engine = make_engine(settings.sql_url)
        Base.metadata.create_all(engine)
        bank, clock, store = scenario(), Clock(), cast(Any, AbsentStore())
        ledger = Ledger(engine, settings.ledger_dir)
        self._begin(Services(settings, engine, ledger, store, clock, ScenarioMoney(bank)), bank, clock)

    @classmethod
    def over(cls, services: Services, bank: SimulatedBank, clock: Clock) -> Day:
        """A day in an installation that is there already; its clock and money are the scenario's."""
        made = cls.__new__(cls)
        made._begin(services, bank, clock)
        return made

    def _begin(self, services: Services, bank: SimulatedBank, clock: Clock) -> None:
        self.services, self.bank, self.clock = services, bank, clock
        self.master = deliveries.master_key(services)
        self.server = BankServer(bank, self.master, clock)
        for name in ("icbc", "ccb", "abc"):
            with_endpoint(services, name, self.server.url(name))
        way = Webhook(self.master, connect_s=1, read_s=3)
        self.dispatcher = Dispatcher(services.engine, {"webhook": way}, delivery_handlers.SETTLED, clock)

    def send(self) -> None:
        """Let what is due leave."""
        self.dispatcher.run_once()

    def answers(self) -> list[str]:
        """Let the banks say what they have to say; returns what was done with it."""
        done = []
        while self.server.said:
            name, message = self.server.said.pop(0)
            done.append(self.hear(name, message))
        return done

    def hear(self, name: str, message: dict[str, Any]) -> str:
        """One signed message from a bank."""
        headers, body = self.server.signed(name, message)
        return deliveries.receive(self.services, name, headers, body, self.clock.now)

    def run(self) -> list[str]:
        """Send, hear, let the clocks run."""
        self.send()
        heard = self.answers()
        order_answers.tick(self.services)
        return heard

    def pass_time(self, minutes: float) -> None:
        """Time goes by."""
        self.clock.now += int(minutes * MIN)

    def as_other(self, actor: Actor, name: str) -> Actor:
        """Another person with the same roles."""
        return replace(actor, id=f"u-{name}", name=name)

    def close(self) -> None:
        """Stop the bank, let the database go."""
        self.server.close()
        self.services.engine.dispose()
