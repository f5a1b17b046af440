"""A delivery leaves once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import HOUR_MS
from core.db import make_engine, transaction
from core.errors import BadInput, Conflict
from outbox import endpoints, queue
from outbox.channels.email_form import EmailForm
from outbox.channels.sftp_file import SftpFile
from outbox.channels.webhook import Webhook
from outbox.model import Message
from outbox.states import DeliveryState
from outbox.tables import DeliveryRow
from outbox.worker import Dispatcher, Worker

MASTER = bytes(range(32))
START = 1_714_536_000_000


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(receiver):
    made = Clock()
    receiver.now_ms = made.now
    return made


def send(engine, text="freeze", key="k1", **more):
    with transaction(engine) as session:
        return queue.enqueue(
            session, Message("bank", "stop_order", "O1", key, json.dumps({"text": text}), **more), START
        )


def state(engine, key="k1"):
    with transaction(engine) as session:
        return session.scalars(select(DeliveryRow).where(DeliveryRow.idempotency_key == key)).one()


@pytest.fixture
def dispatcher(engine, receiver, clock, tmp_path):
    with transaction(engine) as session:
        endpoints.put(session, "bank", "A bank", "webhook", receiver.url, START)
    heard = []
    made = Dispatcher(
        engine, {"webhook": Webhook(MASTER, connect_s=1, read_s=2)},
        {"stop_order": lambda _session, delivery, _now: heard.append(delivery.state)}, clock,
    )  # fmt: skip
    return made, heard


def advance(clock, receiver, ms):
    clock.now += ms
    receiver.now_ms = clock.now


def run(dispatcher, clock, receiver, ms=40_000, times=8):
    for _ in range(times):
        dispatcher.run_once()
        advance(clock, receiver, ms)


def test_a_message_arrives_signed_and_its_owner_hears(engine, dispatcher, receiver):
    send(engine)
    dispatcher[0].run_once()
    assert receiver.taken == {"k1": "freeze"}
    assert (state(engine).state, dispatcher[1]) == ("delivered", [DeliveryState.DELIVERED])
    dispatcher[0].run_once()
    assert receiver.posts == 1


@pytest.mark.parametrize(
    ("faults", "posts"),
    [
        (["503", "503"], 3),  # certainly not taken: sent again
        (["broken_after"], 1),  # taken, but nobody said so: asked, never sent again
        (["500_after"], 1),
        (["broken_before"], 2),  # lost: asked, then sent again
        (["503", "broken_before", "broken_after"], 3),
    ],
)
def test_faults_end_in_exactly_one_order(engine, dispatcher, receiver, clock, faults, posts):
    receiver.faults = list(faults)
    send(engine)
    run(dispatcher[0], clock, receiver)
    assert receiver.taken == {"k1": "freeze"}
    assert state(engine).state == "delivered"
    assert receiver.posts == posts


def test_in_doubt_nothing_is_sent_before_the_receiver_was_asked(engine, dispatcher, receiver, clock):
    receiver.faults = ["broken_before"]
    send(engine)
    dispatcher[0].run_once()
    assert state(engine).state == "unknown"
    dispatcher[0].run_once()  # at once: what was on the wire may still arrive
    assert (receiver.posts, state(engine).state) == (1, "unknown")
    advance(clock, receiver, 31_000)
    dispatcher[0].run_once()
    assert (receiver.posts, state(engine).state) == (1, "queued")
    dispatcher[0].run_once()
    assert (receiver.posts, state(engine).state) == (2, "delivered")


def test_a_bank_down_for_an_hour_gets_the_order_when_it_is_back(engine, dispatcher, receiver, clock):
    receiver.close()
    send(engine)
    run(dispatcher[0], clock, receiver, ms=60_000, times=60)
    row = state(engine)
    assert (row.state, row.said[:13]) == ("queued", "no connection")
    assert 10 < row.attempts < 30  # it backs off: no hammering
    assert dispatcher[1] == [DeliveryState.QUEUED] * row.attempts


def test_a_message_nobody_takes_in_time_fails(engine, dispatcher, receiver, clock):
    receiver.close()
    send(engine, give_up_after_ms=HOUR_MS)
    run(dispatcher[0], clock, receiver, ms=400_000, times=14)
    assert state(engine).state == "failed"


def test_a_refusal_is_final(engine, dispatcher, receiver, clock):
    receiver.faults = ["400"]
    send(engine)
    run(dispatcher[0], clock, receiver, times=3)
    assert (state(engine).state, receiver.posts) == ("failed", 1)


def test_the_same_key_is_one_message_and_another_text_is_refused(engine):
    first = send(engine)
    assert send(engine) == first
    with pytest.raises(Conflict, match="k1"):
        send(engine, text="release")


def test_what_its_transaction_drops_is_never_sent(engine, dispatcher, receiver):
    with pytest.raises(RuntimeError), transaction(engine) as session:
        queue.enqueue(session, Message("bank", "stop_order", "O1", "k1", "{}"), START)
        raise RuntimeError("the state change failed")
    assert dispatcher[0].run_once() == 0


def test_a_clock_set_back_sends_nothing_twice(engine, dispatcher, receiver, clock):
    receiver.faults = ["503"]
    send(engine)
    dispatcher[0].run_once()
    advance(clock, receiver, -3_600_000)
    run(dispatcher[0], clock, receiver, ms=1000, times=3)
    assert receiver.posts == 1
    advance(clock, receiver, 3_700_000)
    run(dispatcher[0], clock, receiver)
    assert (receiver.posts, list(receiver.taken)) == (2, ["k1"])


def test_an_endpoint_switched_off_keeps_its_messages(engine, dispatcher, receiver, clock):
    with transaction(engine) as session:
        endpoints.enable(session, "bank", False)
    send(engine)
    dispatcher[0].run_once()
    assert (receiver.posts, state(engine).state) == (0, "queued")
    with transaction(engine) as session:
        endpoints.enable(session, "bank", True)
    run(dispatcher[0], clock, receiver)
    assert receiver.posts == 1


KILLED = """
import os, signal, sys
from core.db import make_engine
from outbox.channels.webhook import Webhook
from outbox.worker import Dispatcher
class Dies:
    name = "webhook"
    def send(self, endpoint, delivery, now_ms):
        if sys.argv[3] == "after":
            Webhook(bytes(range(32))).send(endpoint, delivery, now_ms)
        os.kill(os.getpid(), signal.SIGKILL)
Dispatcher(make_engine(sys.argv[1]), {"webhook": Dies()}, {}, lambda: int(sys.argv[2])).run_once()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_sending_it_still_arrives_exactly_once(engine, dispatcher, receiver, clock, moment):
    send(engine)
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(START), moment], cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."}, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert state(engine).state == "sending"
    dispatcher[0].run_once()
    assert state(engine).state == "sending"  # its claim has not run out: a slow sender is no dead one
    run(dispatcher[0], clock, receiver, ms=130_000)
    assert receiver.taken == {"k1": "freeze"}
    assert receiver.posts == 1
    assert state(engine).state == "delivered"


def test_files_are_written_whole_once_and_found_again(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'system.db'}")
    EndpointTables = [DeliveryRow.metadata.tables[name] for name in ("outbox_endpoint", "outbox_delivery")]
    DeliveryRow.metadata.create_all(engine, tables=EndpointTables)
    spool = tmp_path / "spool"
    ways = {"sftp_file": SftpFile(MASTER, spool), "email_form": EmailForm(spool)}
    with transaction(engine) as session:
        endpoints.put(session, "bank", "", "sftp_file", "bank-a", START)
        endpoints.put(session, "mail", "", "email_form", "desk@bank.example", START)
        for name in ("bank", "mail"):
            body = json.dumps({"account": "6222\r\nBcc: x@evil.example", "order": {"amount_minor": 5}})
            queue.enqueue(session, Message(name, "stop_order", "O1", "k1", body), START)
    assert Dispatcher(engine, ways, {}, lambda: START).run_once() == 2
    (file,) = (spool / "sftp" / "bank-a" / "out").iterdir()
    assert json.loads(json.loads(file.read_text())["body"])["order"] == {"amount_minor": 5}
    (mail,) = (spool / "email").iterdir()
    text = mail.read_text()
    assert "\nTo: desk@bank.example\n" in text and "order.amount_minor: 5" in text and "\nBcc:" not in text
    delivery = queue.due(engine, START) or [queue.delivery_of(_row(engine, "bank"))]
    way = ways["sftp_file"]
    with transaction(engine) as session:
        endpoint = endpoints.get(session, "bank")
    assert way.ask(endpoint, delivery[0], START).verb == "found"
    assert way.send(endpoint, delivery[0], START).said.endswith("is there already")
    (spool / "sftp" / "bank-a" / "done").mkdir()
    file.rename(spool / "sftp" / "bank-a" / "done" / file.name)
    assert way.send(endpoint, delivery[0], START).said.endswith("is there already")


def test_a_full_disk_keeps_a_file_waiting_and_it_is_written_once_there_is_room(engine, tmp_path, monkeypatch):
    with transaction(engine) as session:
        endpoints.put(session, "bank", "", "sftp_file", "bank-a", START)
    send(engine)
    clock = Clock()
    dispatcher = Dispatcher(engine, {"sftp_file": SftpFile(MASTER, tmp_path)}, {}, clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        dispatcher.run_once()
    row = state(engine)
    assert (row.state, "No space left" in row.said) == ("queued", True)
    folder = tmp_path / "sftp" / "bank-a" / "out"
    assert list(folder.iterdir()) == [], "no half a file"
    clock.now += 600_000
    dispatcher.run_once()
    assert state(engine).state == "delivered" and len(list(folder.iterdir())) == 1


def _row(engine, endpoint):
    with transaction(engine) as session:
        return session.scalars(select(DeliveryRow).where(DeliveryRow.endpoint == endpoint)).one()


@pytest.mark.parametrize(
    ("channel", "address"),
    [("webhook", "ftp://x"), ("webhook", "https://user@x/"), ("webhook", ""), ("sftp_file", "../etc"),
     ("email_form", "a@b, c@d"), ("email_form", "x"), ("fax", "1")],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused(engine, channel, address):
    with pytest.raises(BadInput), transaction(engine) as session:
        endpoints.put(session, "bank", "", channel, address, START)


def test_the_worker_goes_on_after_an_error():
    import threading

    seen = threading.Event()
    calls = []

    def work():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        seen.set()

    worker = Worker("test", work, 0.01)
    worker.start()
    assert seen.wait(5)
    worker.stop()
