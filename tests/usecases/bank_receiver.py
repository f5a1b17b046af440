"""A bank's side of hold outcomes: a socket that verifies signatures, remembers keys, and fails as it is told."""

from __future__ import annotations

import json
import threading
from http.server import ThreadingHTTPServer
from typing import Any

from answering import Answering

from core.clock import now_ms
from outbox import signing


class BankReceiver:
    """Takes signed messages once by idempotency key."""

    def __init__(self, secret: bytes = b"", port: int = 0) -> None:
        self.secret = secret
        self.taken: dict[str, dict[str, Any]] = {}
        self.posts: list[str] = []
        self.now_ms = now_ms
        self._serve(port)

    def _serve(self, port: int) -> None:
        bank = self

        class Handler(Answering):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                signing.verify([bank.secret], dict(self.headers), body, bank.now_ms())
                key = self.headers["idempotency-key"]
                bank.posts.append(key)
                bank.taken.setdefault(key, json.loads(body))
                self.answer(200)

            def do_GET(self) -> None:
                self.answer(200 if self.path.rsplit("/", 1)[1] in bank.taken else 404)

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/holds"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Stop listening: connections are refused."""
        self.server.shutdown()
        self.server.server_close()

    def up(self) -> None:
        """Listen again on the same port, remembering what was taken."""
        self._serve(self.port)
