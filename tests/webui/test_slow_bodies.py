"""Clients that send their bodies slowly: they keep few threads, and others are answered."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from flask import Flask, g

from webui.slow_bodies import Bodies, Room, SlowBody

WAIT_S = 0.02


class Slow:
    """A stream whose body comes when it is told to; `reading` counts who waits for it."""

    def __init__(self):
        self.come, self.reading = threading.Event(), threading.Semaphore(0)

    def read(self, size=-1):
        self.reading.release()
        assert self.come.wait(60)
        return b"late"


@pytest.fixture
def slow():
    stream = Slow()
    yield stream
    stream.come.set()


def begin(read, number=1):
    threads = [threading.Thread(target=read, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def test_one_takes_its_few_places_and_all_together_theirs(slow):
    room = Room(places=3, each=2, wait_s=WAIT_S)
    begin(lambda: room.read("a", slow.read), 2)
    for _ in range(2):
        assert slow.reading.acquire(timeout=60)
    with pytest.raises(SlowBody):
        room.read("a", lambda: b"no place")
    assert room.read("b", lambda: b"at once") == b"at once"
    begin(lambda: room.read("b", slow.read))
    assert slow.reading.acquire(timeout=60)
    with pytest.raises(SlowBody):
        room.read("c", lambda: b"no place")


def test_a_place_is_free_again_after_a_body_and_after_an_error(slow):
    room = Room(places=1, each=1, wait_s=60)
    (reader,) = begin(lambda: room.read("a", slow.read))
    assert slow.reading.acquire(timeout=60)
    begin(slow.come.set)
    assert room.read("b", lambda: b"waited") == b"waited"
    reader.join(60)
    with pytest.raises(OSError, match="broken"):
        room.read("a", lambda: (_ for _ in ()).throw(OSError("broken")))
    assert room.read("a", lambda: b"again") == b"again"
    assert room.places.is_empty(), "nobody who left is remembered"


@pytest.mark.parametrize("threads", [8, 64])
def test_threads_are_left_whoever_is_slow(threads):
    bodies = Bodies(threads)
    rooms = (bodies.strangers, bodies.people, bodies.machines)
    assert sum(room.places.most for room in rooms) <= threads - threads // 8
    assert all(1 <= room.places.each <= room.places.most for room in rooms)


def app_reading(bodies, **who):
    """An application whose guard has let this one in, and that then reads the body."""
    app = Flask("reads")

    @app.before_request
    def guard():
        for kind, name in who.items():
            setattr(g, kind, SimpleNamespace(id=name))

    @app.errorhandler(SlowBody)
    def said(error):
        return error.code, error.status

    @app.post("/")
    def read():
        from flask import request

        return request.get_data()

    app.wsgi_app = bodies.around(app.wsgi_app)
    return app.test_client()


def test_slow_strangers_keep_neither_people_nor_machines_from_sending(slow):
    bodies = Bodies(8, WAIT_S)
    begin(lambda: bodies.strangers.read("192.0.2.1", slow.read))
    begin(lambda: bodies.strangers.read("192.0.2.2", slow.read))
    for _ in range(2):
        assert slow.reading.acquire(timeout=60)
    refused = app_reading(bodies).post("/", data=b"x")
    assert (refused.status_code, refused.data) == (503, b"slow_bodies")
    for who in ({"person": "person-1"}, {"machine": "key-1"}):
        assert app_reading(bodies, **who).post("/", data=b"x" * 100_000).data == b"x" * 100_000


def test_a_request_without_a_body_needs_no_place(slow):
    bodies = Bodies(8, WAIT_S)
    for address in ("192.0.2.1", "192.0.2.2"):
        begin(lambda address=address: bodies.strangers.read(address, slow.read))
        assert slow.reading.acquire(timeout=60)
    assert app_reading(bodies).post("/").status_code == 200
