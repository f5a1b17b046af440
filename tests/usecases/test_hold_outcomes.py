"""The bank hears each hold's outcome once: the service killed at the worst moments, the bank away for an hour, forgeries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bank_receiver import BankReceiver
from sqlalchemy import select
from test_flight import CLERK, held, opened
from with_endpoint import with_endpoint

from core.clock import now_ms
from core.db import transaction
from core.settings import Settings
from outbox import signing
from outbox.signing import SignatureRefused
from outbox.tables import DeliveryRow
from scoring.holds import Verb
from scoring.tables import HoldRow, ScoredTransferRow
from security.roles import system_actor
from usecases import bootstrap, deliveries, hold_clock, holds

REPO = Path(__file__).parents[2]
#: Releases the hold, or sends what is due, and dies by SIGKILL at the moment named.
CHILD = """
import os, signal, sys
from core.settings import Settings
from outbox.channels.webhook import Webhook
from scoring.holds import Verb
from security.roles import system_actor
from usecases import bootstrap, deliveries, holds
from usecases.flight import Flight
home, hold, moment = sys.argv[1:]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
services = bootstrap.with_scoring(bootstrap.open_ledger(Settings(home=home)))
services.scoring.start()
if moment == "decided":
    Flight.resolve = die
elif moment == "before":
    Webhook.send = die
else:
    real = Webhook.send
    Webhook.send = lambda *given: (real(*given), die())
holds.act(services, system_actor(), hold, Verb.RELEASE, "the customer called back")
deliveries.dispatcher(services).run_once()
"""


@pytest.fixture
def bank():
    made = BankReceiver()
    yield made
    made.down()


def waiting(home, bank):
    """(services, hold id): one hold whose outcome goes to the bank."""
    services = opened(Settings(home=home))
    with_endpoint(services, "bank-a", bank.url)
    holds.set_webhook(services, system_actor(), "key-1", "bank-a")
    bank.secret = signing.secret_of(deliveries.master_key(services), "bank-a", 1)
    return services, held(services).hold.id


def deliver(services, bank, start, step_ms, times):
    """The worker's looks over so much time."""
    clock = [start]
    bank.now_ms = lambda: clock[0]
    worker = deliveries.dispatcher(services, lambda: clock[0])
    for _ in range(times):
        worker.run_once()
        clock[0] += step_ms
    with transaction(services.engine) as session:
        return session.scalars(select(DeliveryRow)).one()


@pytest.mark.parametrize("moment", ["decided", "before", "after"])
def test_killed_while_the_outcome_is_on_its_way_the_bank_hears_it_once(tmp_path, bank, monkeypatch, moment):
    services, hold_id = waiting(tmp_path / "home", bank)
    bootstrap.close(services)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "home"), hold_id, moment], cwd=REPO,
        env={**os.environ, "PYTHONPATH": str(REPO)}, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    again = opened(Settings(home=tmp_path / "home"))
    row = deliver(again, bank, now_ms(), 130_000, 6)
    assert (row.state, len(bank.posts), len(set(bank.posts))) == ("delivered", 1, 1)
    assert [body["outcome"] for body in bank.taken.values()] == ["released"]
    monkeypatch.setattr(holds, "now_ms", lambda: now_ms() + 10_000)
    hold_clock.run(again)  # tells the journal what the killed process could not
    again.scoring.written(20)
    with transaction(again.engine) as session:
        assert session.get_one(HoldRow, hold_id).state == "released"
        assert session.get_one(ScoredTransferRow, "T1").final == "settled"
    bootstrap.close(again)


def test_a_bank_away_for_an_hour_hears_the_outcome_once_when_it_is_back(tmp_path, bank):
    services, hold_id = waiting(tmp_path / "home", bank)
    holds.act(services, CLERK, hold_id, Verb.REFUSE, "known mule account")
    bank.down()
    start = now_ms()
    row = deliver(services, bank, start, 60_000, 60)
    assert row.state == "queued" and 10 < row.attempts < 30, "it backs off and does not give up"
    bank.up()
    row = deliver(services, bank, start + 3_600_000, 300_000, 3)
    assert (row.state, len(bank.posts)) == ("delivered", 1)
    (body,) = bank.taken.values()
    assert (body["hold_id"], body["outcome"], body["execute"]) == (hold_id, "refused", False)
    bootstrap.close(services)


def test_a_forged_or_replayed_outcome_does_not_pass_the_banks_check(tmp_path, bank):
    services, _ = waiting(tmp_path / "home", bank)
    key, now, body = bank.secret, now_ms(), b'{"event":"hold_outcome","outcome":"released","execute":true}'
    good = signing.sign(key, "m1", now, body)
    assert signing.verify([key], good, body, now) == "m1"
    reflected = signing.secret_of(deliveries.master_key(services), "bank-a", 1, "in")
    another = signing.secret_of(deliveries.master_key(services), "bank-b", 1)
    for headers, text, at in (
        (good, body.replace(b"released", b"refused "), now),
        (good, body, now + 301_000),  # kept and sent later
        (good | {"webhook-id": "m2"}, body, now),
        (signing.sign(reflected, "m1", now, body), body, now),
        (signing.sign(another, "m1", now, body), body, now),
        ({}, body, now),
    ):
        with pytest.raises(SignatureRefused):
            signing.verify([key], headers, text, at)
    bootstrap.close(services)
