"""The system database on SQLite and PostgreSQL, and a receiver on a real socket that can fail in every way."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from answering import Answering
from sqlalchemy import Engine, text

from core.db import Base, make_engine
from outbox import signing
from outbox.tables import DeliveryRow, EndpointChangeRow, EndpointRow, ReceivedRow

MASTER = bytes(range(32))
TABLES = [Base.metadata.tables[row.__tablename__] for row in (EndpointRow, DeliveryRow, ReceivedRow, EndpointChangeRow)]


class Receiver:
    """Takes signed messages once by idempotency key. `faults` says how the next requests go, then all is well."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}
        self.posts = 0
        self.faults: list[str] = []
        receiver = self

        class Handler(Answering):
            def do_POST(self) -> None:
                receiver.posts += 1
                body = self.rfile.read(int(self.headers["content-length"]))
                signing.verify([signing.secret_of(MASTER, "bank", 1)], dict(self.headers), body, receiver.now_ms)
                fault = receiver.faults.pop(0) if receiver.faults else "ok"
                if fault in ("ok", "broken_after", "500_after"):
                    receiver.taken.setdefault(self.headers["idempotency-key"], json.loads(body)["text"])
                if fault.startswith("broken"):
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                self.answer({"ok": 200, "500_after": 500, "503": 503, "400": 400}[fault])

            def do_GET(self) -> None:
                key = self.path.rsplit("/", 1)[1]
                self.answer(200 if key in receiver.taken else 404)

        self.now_ms = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/orders"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh database with this package's tables."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path / 'system.db'}")
    else:
        made = make_engine(request.getfixturevalue("postgres_url"))
        with made.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"DROP TABLE IF EXISTS {table.name} CASCADE"))
    Base.metadata.create_all(made, tables=TABLES)
    yield made
    made.dispose()
