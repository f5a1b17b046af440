"""An endpoint changes by two persons, on both databases; until then everything goes where it went."""

from __future__ import annotations

import json
import threading

import pytest
from answering import Answering
from outbox_receiver import MASTER, Receiver
from sqlalchemy import select
from test_delivering import START, Clock, send

from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed, NotFound
from outbox import endpoint_changes, endpoints, queue, receiving, signing
from outbox.channels.webhook import Webhook
from outbox.endpoint_proposal import OPEN_MS, Wanted
from outbox.tables import DeliveryRow, EndpointChangeRow
from outbox.worker import Dispatcher

ANN, BEN, CAI = ("u1", "ann"), ("u2", "ben"), ("u3", "cai")
OLD, NEW = "https://bank.example/in", "https://bank.example/new"
MOVE = Wanted("bank", "move", "the bank moved its gateway", "A bank", "webhook", NEW)


@pytest.fixture
def there(engine):
    with transaction(engine) as session:
        endpoints.put(session, "bank", "A bank", "webhook", OLD, START)
    return engine


def propose(engine, wanted, by=ANN, at=START):
    with transaction(engine) as session:
        return endpoint_changes.propose(session, wanted, *by, at)


def approve(engine, change, by=BEN, at=START, version=None):
    with transaction(engine) as session:
        return endpoint_changes.approve(session, change.id, version or change.version, *by, at)


def take(engine, change, by):
    with transaction(engine) as session:
        return endpoint_changes.take_secret(session, change.id, by[0], START)[1]


def now(engine, name="bank"):
    with transaction(engine) as session:
        return endpoints.find(session, name)


def test_nothing_moves_before_a_second_person_approves(there):
    made = propose(there, MOVE)
    assert now(there).address == OLD
    with pytest.raises(NotAllowed, match="somebody else") as refused:
        approve(there, made, ANN)
    assert (refused.value.code, now(there).address) == ("own_proposal", OLD)
    assert approve(there, made).state == "approved"
    assert (now(there).address, now(there).key_version) == (NEW, 1)
    with pytest.raises(Conflict, match="approved already"):
        approve(there, made, CAI)


def test_what_was_edited_expired_or_overtaken_is_not_approved(there):
    made = propose(there, MOVE)
    evil = Wanted("bank", "move", "the bank moved its gateway", "A bank", "webhook", "https://evil.example/in")
    edited = propose(there, evil)
    assert (edited.id, edited.version) == (made.id, 2)
    with pytest.raises(Conflict) as stale:
        approve(there, made)
    assert (stale.value.status, stale.value.code, now(there).address) == (409, "change_edited", OLD)
    with pytest.raises(Conflict) as late:
        approve(there, edited, at=START + OPEN_MS)
    assert late.value.code == "change_expired"
    with transaction(there) as session:  # as the endpoint was when nobody asked two persons
        endpoints.put(session, "bank", "A bank", "webhook", "https://third.example/in", START)
    with pytest.raises(Conflict) as overtaken:
        approve(there, edited)
    assert (overtaken.value.code, now(there).address) == ("change_outdated", "https://third.example/in")
    again = propose(there, MOVE, CAI, START + OPEN_MS)  # the one before is void, so another person may
    assert again.id != made.id
    with pytest.raises(Conflict) as waits:
        propose(there, MOVE, ANN, START + OPEN_MS)
    assert waits.value.code == "change_waits"


def test_rejected_and_withdrawn_change_nothing(there):
    for by, state in ((BEN, "rejected"), (ANN, "withdrawn")):
        made = propose(there, MOVE)
        with transaction(there) as session:
            assert endpoint_changes.reject(session, made.id, *by, START, "not asked for").state == state
        with pytest.raises(Conflict):
            approve(there, made, CAI)
    assert now(there).address == OLD


def test_of_two_who_approve_at_once_one_does(there, monkeypatch):
    made = propose(there, MOVE)
    meet, real, ended = threading.Barrier(2, timeout=60), endpoint_changes._need_open, []
    monkeypatch.setattr(endpoint_changes, "_need_open", lambda row, at: (real(row, at), meet.wait()))

    def run(by):
        try:
            approve(there, made, by)
            ended.append("done")
        except Conflict as error:
            ended.append(error.code)
        except Exception as error:  # SQLite: the second writer's look was too old
            ended.append("locked" if "locked" in str(error) else repr(error))

    threads = [threading.Thread(target=run, args=(by,)) for by in (BEN, CAI)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.count("done") == 1 and set(ended) <= {"done", "change_decided", "locked"}, ended
    with transaction(there) as session:
        assert len(session.scalars(select(DeliveryRow).where(DeliveryRow.kind == endpoint_changes.LEFT)).all()) == 1


def test_nobody_sees_both_secrets_and_each_is_shown_once(there):
    made = approve(there, propose(there, Wanted("bank", "rotate", "a laptop was lost")))
    assert (made.key_version, now(there).key_version) == (2, 2)
    assert take(there, made, ANN) == "in"
    assert take(there, made, BEN) == "out"
    for by in (ANN, BEN):
        with pytest.raises(Conflict) as shown:
            take(there, made, by)
        assert shown.value.code == "secret_shown"
    with pytest.raises(NotAllowed):
        take(there, made, CAI)
    moved = approve(there, propose(there, MOVE))
    with pytest.raises(Conflict):  # an address brings no secret with it
        take(there, moved, ANN)
    first = approve(there, propose(there, Wanted("bank", "rotate", "once more, a leak")))
    approve(there, propose(there, Wanted("bank", "rotate", "and again, a leak")))
    with pytest.raises(Conflict):  # no longer in use
        take(there, first, ANN)


def test_a_name_that_comes_back_does_not_know_the_secrets_of_before(there):
    approve(there, propose(there, Wanted("bank", "remove", "the bank left us")))
    assert now(there) is None
    back = Wanted("bank", "new", "the bank is back", "A bank", "webhook", NEW)
    approve(there, propose(there, back))
    body = b"{}"
    with transaction(there) as session, pytest.raises(signing.SignatureRefused):
        old = signing.sign(signing.secret_of(MASTER, "bank", 1, "in"), "m1", START, body)
        receiving.take(session, MASTER, "bank", old, body, START)


def test_an_endpoint_with_deliveries_under_way_is_not_removed(there):
    send(there)
    made = propose(there, Wanted("bank", "remove", "the bank left us"))
    with pytest.raises(Conflict) as busy:
        approve(there, made)
    assert (busy.value.code, now(there).address) == ("deliveries_open", OLD)
    with transaction(there) as session:
        queue.cancel(session, session.scalars(select(DeliveryRow.id)).one(), START, "withdrawn")
    approve(there, made)
    assert now(there) is None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("bank", "move", "why", "A bank", "webhook", NEW),
        Wanted("bank", "move", "long enough", "A bank", "webhook", OLD),
        Wanted("bank", "move", "long enough", "A bank", "webhook", "ftp://x"),
        Wanted("bank", "move", "long enough", "A bank", "webhook", "http://["),
        Wanted("bank", "move", "long enough", "A bank", "webhook", "http://x:99999/"),
        Wanted("bank", "move", "long enough", "A bank", "webhook", "http://x:https/"),
        Wanted("bank", "burn", "long enough"),
        Wanted("BANK", "new", "long enough", "", "webhook", NEW),
    ],
)
def test_what_cannot_be_proposed_says_why(there, wanted):
    with pytest.raises(BadInput):
        propose(there, wanted)
    with transaction(there) as session:
        assert session.scalars(select(EndpointChangeRow)).all() == []


def test_new_and_changed_are_told_apart(there):
    with pytest.raises(Conflict, match="already"):
        propose(there, Wanted("bank", "new", "long enough", "", "webhook", NEW))
    for action in ("move", "rotate", "remove"):
        with pytest.raises(NotFound):
            propose(there, Wanted("nobody", action, "long enough", "", "webhook", NEW))


def test_messages_go_to_the_old_place_until_the_approval_and_both_places_are_told(engine):
    """Over real sockets: an order before, one after, and a notice signed for each place."""
    old, new, clock = Receiver(), Receiver(), Clock()
    heard = {}
    for name, receiver in (("old", old), ("new", new)):
        receiver.now_ms = clock.now
        heard[name] = _noticed(receiver)
    try:
        with transaction(engine) as session:
            endpoints.put(session, "bank", "A bank", "webhook", old.url, START)
        dispatcher = Dispatcher(engine, {"webhook": Webhook(MASTER, connect_s=1, read_s=2)}, {}, clock)
        made = propose(engine, Wanted("bank", "move", "the bank moved its gateway", "A bank", "webhook", new.url))
        send(engine, text="before")
        dispatcher.run_once()
        approve(engine, made)
        send(engine, text="after", key="k2")
        dispatcher.run_once()
        assert (old.taken.get("k1"), new.taken.get("k2")) == ("before", "after")
        assert "k2" not in old.taken and "k1" not in new.taken
        for notices in heard.values():
            (notice,) = notices
            assert (notice["was"]["address"], notice["now"]["address"]) == (old.url, new.url)
    finally:
        old.close()
        new.close()


def _noticed(receiver):
    """Notices a receiver gets, beside the orders it takes as before."""
    notices, orders = [], receiver.server.RequestHandlerClass

    class Handler(orders):
        def do_POST(self):
            if "endpoint_notice" not in (body := self.rfile.peek().decode("utf-8", "replace")):
                return super().do_POST()
            raw = self.rfile.read(int(self.headers["content-length"]))
            signing.verify([signing.secret_of(MASTER, "bank", 1)], dict(self.headers), raw, receiver.now_ms)
            assert body
            notices.append(json.loads(raw))
            return Answering.answer(self, 200)

    receiver.server.RequestHandlerClass = Handler
    return notices


def test_after_a_rotation_messages_carry_both_signatures_until_the_bank_has_typed_the_new_one_in(there):
    approve(there, propose(there, Wanted("bank", "rotate", "a laptop was lost")))
    body = b"{}"
    secret, *before = signing.secrets_of(MASTER, "bank", 2)
    headers = signing.sign(secret, "m1", START, body, *before)
    for version in (1, 2):
        known = [signing.secret_of(MASTER, "bank", version)]
        assert signing.verify(known, headers, body, START) == "m1"
    with pytest.raises(signing.SignatureRefused):
        signing.verify([signing.secret_of(MASTER, "bank", 3)], headers, body, START)
