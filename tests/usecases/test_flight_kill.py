"""A generated day replayed as a stream while the service is killed again and again: what was acknowledged is there once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from kill_child import free_port
from sqlalchemy import select, text

from core.clock import now_ms
from core.db import Base, transaction
from core.settings import Settings
from evaluation import shelf
from ledger.columns import Columns
from loaders.town import generate
from scoring.tables import ScoredTransferRow
from security.roles import system_actor
from usecases import api_keys, bootstrap

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("RINGTRACE_TEST_KILLS", "50"))
SENDERS = 3


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """Two days of a generated town, in time order, moved to now: more than is sent between all kills."""
    folder = tmp_path_factory.mktemp("stream") / "town"
    generate(folder, transfers=20_000, seed=11, difficulty="easy")
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
    mother = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("kill_child.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    senders = [Sender(port, key, day[n::SENDERS]) for n in range(SENDERS)]
    dice = random.Random(5)
    pid = mother.pid
    try:
        for sender in senders:
            sender.start()
        for kill in range(KILLS + 1):
            mother.stdin.write(f"{settings.home}\t{settings.database_url or '-'}\t{port}\n")
            mother.stdin.flush()
            pid = int(mother.stdout.readline())
            before = sum(len(sender.acked) for sender in senders)
            deadline = time.monotonic() + 30
            while sum(len(s.acked) for s in senders) < before + dice.randrange(1, 12) and time.monotonic() < deadline:
                time.sleep(0.005)
                if not any(sender.is_alive() for sender in senders):
                    break
            assert sum(len(s.acked) for s in senders) > before or kill == KILLS, (
                settings.home / "child.log"
            ).read_text()[-9000:]
            os.kill(pid, signal.SIGKILL)
    finally:
        for sender in senders:
            sender.stopping = True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # one that hangs would keep its mother, and hide what was wrong
        mother.stdin.close()
        mother.wait(20)
    for sender in senders:
        sender.join(20)
    assert [sender.wrong for sender in senders] == [[]] * SENDERS
    acked = {key: said for sender in senders for key, said in sender.acked.items()}
    assert len(acked) > KILLS
    assert sum(sender.again for sender in senders) >= KILLS / 2, "the service was not really gone"

    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    services.scoring.start()
    try:
        with transaction(services.engine) as session:
            scored = {row.id: row for row in session.scalars(select(ScoredTransferRow))}
        assert set(acked) <= set(scored), "an acknowledged transfer is lost"
        assert all(json.loads(scored[key].said) == said for key, said in acked.items()), "an answer changed"
        assert len({row.number for row in scored.values()}) == len(scored), "a journal record was used twice"
        rows = Columns(services.ledger).rels("TRANSFER", ["id"], ("Account", "Account"), services.ledger.head_seq())
        sealed = rows["id"].to_pylist()
        assert len(sealed) == len(set(sealed)), "a transfer is in the ledger twice"
        assert set(sealed) == {key for key, row in scored.items() if row.final}
        print(f"{len(acked)} acknowledged, {len(scored)} scored, {services.ledger.head_seq()} batches")
    finally:
        bootstrap.close(services)
