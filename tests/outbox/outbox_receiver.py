"""A receiver on a real socket that can fail in every way."""

from __future__ import annotations

import json
import socket
import struct
import threading
from http.server import ThreadingHTTPServer

from answering import Answering

from outbox import signing

MASTER = bytes(range(32))


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
