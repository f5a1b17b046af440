"""A generated day replayed as a stream while the service is killed again and again: what was acknowledged is there once."""

from __future__ import annotations

import os
import random
import threading
import time

import exactly_once
import pytest
import requests
from kill_child import SEAL_S, free_port, mother_of
from sqlalchemy import text

from core.clock import now_ms
from core.db import Base
from core.settings import Settings
from evaluation import shelf
from loaders.town import generate
from security.roles import system_actor
from usecases import api_keys, bootstrap

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("RINGTRACE_TEST_KILLS", "50"))
SENDERS = 3


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """Two days of a generated town, in time order, moved to now: more than is sent between all kills."""
    folder = tmp_path_factory.mktemp("stream") / "town"
    generate(folder, transfers=100_000, seed=11, difficulty="easy")
    store, _ = shelf.read(folder, "synthetic")
    rows = store.scan_rels("TRANSFER", ["id", "amount_minor", "at_ms"]).to_pylist()
    rows.sort(key=lambda row: row["at_ms"])
    start = rows[len(rows) // 2]["at_ms"]
    chosen = [row for row in rows if start <= row["at_ms"] < start + 2 * 86_400_000]
    shift = now_ms() - 3_600_000 - chosen[-1]["at_ms"]
    return [
        {"id": row["id"], "payer": row["from_id"], "payee": row["to_id"], "amount_minor": row["amount_minor"],
         "currency": "CNY", "at_ms": row["at_ms"] + shift}
        for row in chosen if row["from_id"] != row["to_id"]
    ]  # fmt: skip


class Sender(threading.Thread):
    """Sends its share of the day in order, each transfer until it is acknowledged."""

    def __init__(self, port, key, transfers):
        super().__init__(daemon=True)
        self.port, self.transfers = port, transfers
        self.headers = {"Authorization": f"Bearer {key}"}
        self.acked: dict[str, dict] = {}
        self.again = 0
        self.wrong: list[tuple] = []
        self.stopping = False

    def run(self):
        dice = random.Random(len(self.transfers))
        with requests.Session() as session:
            for transfer in self.transfers:
                said = self.until_told(session, transfer)
                if self.stopping:
                    return
                assert self.acked.setdefault(transfer["id"], said) == said
                if dice.random() < 0.1:  # a duplicate of one that was acknowledged before
                    old = dice.choice([item for item in self.transfers[:200] if item["id"] in self.acked])
                    twice = self.until_told(session, old)
                    if twice is not None and twice != self.acked[old["id"]]:
                        self.wrong.append((self.acked[old["id"]], twice))

    def until_told(self, session, transfer):
        """The answer, asked for until there is one; None when it is time to stop."""
        address = f"http://127.0.0.1:{self.port}/api/v1/transfers"
        while not self.stopping:
            try:
                answer = session.post(address, json=transfer, headers=self.headers, timeout=5)
            except requests.RequestException:
                self.again += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code != 503:
                self.wrong.append((transfer, answer.text))
                return None
        return None


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request, tmp_path):
    if request.param == "sqlite":
        return Settings(home=tmp_path / "home")
    from core.db import make_engine

    url = request.getfixturevalue("postgres_url")
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in Base.metadata.tables:
            connection.execute(text(f'DROP TABLE IF EXISTS "{table}" CASCADE'))
    engine.dispose()
    return Settings(home=tmp_path / "home", database_url=url)


def test_killed_fifty_times_every_acknowledged_transfer_is_scored_exactly_once(settings, day):
    services = bootstrap.open_ledger(settings)
    key = api_keys.create(services, system_actor(), "bank", "bank_system", 5).text
    services.engine.dispose()
    port = free_port()
    senders = [Sender(port, key, day[n::SENDERS]) for n in range(SENDERS)]
    acked = lambda: sum(len(sender.acked) for sender in senders)  # noqa: E731
    dice = random.Random(5)
    with mother_of(settings, port) as mother:
        try:
            for sender in senders:
                sender.start()
            for kill in range(KILLS + 1):
                mother.start()
                before, wanted, deadline = acked(), dice.randrange(1, 12), time.monotonic() + 30
                while acked() < before + wanted and time.monotonic() < deadline:
                    time.sleep(0.005)
                    if not any(sender.is_alive() for sender in senders):
                        break
                assert acked() > before or kill == KILLS, mother.log.read_text()[-9000:]
                time.sleep(dice.random() * SEAL_S)  # some end while a segment becomes a batch
                mother.kill()
                if kill % 5 == 4:  # and some while they still make good what the last one left
                    mother.start()
                    time.sleep(dice.random() * 0.3)
                    mother.kill()
        finally:
            for sender in senders:
                sender.stopping = True
    for sender in senders:
        sender.join(20)
    assert [sender.wrong for sender in senders] == [[]] * SENDERS
    all_acked = {key: said for sender in senders for key, said in sender.acked.items()}
    assert len(all_acked) > KILLS
    assert sum(sender.again for sender in senders) >= KILLS / 2, "the service was not really gone"
    print(f"{KILLS + KILLS // 5} kills: {exactly_once.check(settings, all_acked)}")
