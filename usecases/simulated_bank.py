"""The simulated bank behind a socket: takes signed orders as a real bank would, and answers by signed messages.

`faults` says how the next orders go (see FAULTS); then all is well again. For tests, drills and trying things out.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from cases.simulated_bank import SimulatedBank
from core.ids import fresh
from outbox import signing

#: ok; come again; taken but the answer broke off; lost before it was taken; refused at the door.
FAULTS = ("ok", "503", "broken_after", "broken_before", "400")


def handle(bank: SimulatedBank, name: str, message: Mapping[str, Any], now_ms: int) -> dict[str, Any] | None:
    """What the bank says to one message: an answer to an order, a report of a return, nothing to the rest."""
    if message["kind"] == "stop_order":
        return bank.answer(name, message, now_ms)
    if message["kind"] == "money_return":
        paid = bank.give_back(message["order_id"], message["account"], message["amount_minor"])
        return {
            "kind": "return_done",
            "line_id": message["line_id"],
            "amount_minor": message["amount_minor"] if paid else 0,
        }
    if message["kind"] == "stop_release":
        bank.let_go(message["order_id"], message["account"])
    return None


class BankServer:
    """Serves `http://127.0.0.1:<port>/<bank name>`; what it wants to say waits in `said` as (bank, message)."""

    def __init__(
        self,
        bank: SimulatedBank,
        master: bytes,
        clock: Callable[[], int],
        port: int = 0,
        version_of: Callable[[str], int] = lambda _: 1,
    ) -> None:
        self.bank, self.master, self.clock, self.version_of = bank, master, clock, version_of
        self.faults: list[str] = []
        self.taken: dict[str, str] = {}
        self.posts = 0
        self.said: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, bank: str) -> str:
        """Address of one bank's endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}/{bank}"

    def close(self) -> None:
        """Stop serving, as a bank that is down."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, name: str, headers: Mapping[str, str], key: str, body: bytes) -> str:
        """Verify and carry out one message; returns the fault that applied."""
        with self._lock:
            self.posts += 1
            secrets = signing.secrets_of(self.master, name, self.version_of(name))
            signing.verify(secrets, headers, body, self.clock())
            message = json.loads(body)
            fault = self.fault_of(name, message)
            if fault in ("ok", "broken_after") and key not in self.taken:
                self.taken[key] = body.decode()
                self.carry_out(name, message)
            return fault

    def fault_of(self, name: str, message: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What happens to a message at the door."""
        return self.faults.pop(0) if self.faults else "ok"

    def carry_out(self, name: str, message: Mapping[str, Any]) -> None:
        """Do what a message says, once."""
        answer = handle(self.bank, name, message, self.clock())
        if answer is not None:
            self.said.append((name, answer))

    def signed(self, name: str, message: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a message as this bank signs it."""
        body = json.dumps(message, ensure_ascii=False).encode()
        secret = signing.secret_of(self.master, name, self.version_of(name), "in")
        return signing.sign(secret, fresh("msg"), self.clock(), body), body


def _handler(server: BankServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            name = self.path.strip("/").split("/")[0]
            try:
                fault = server.take(name, dict(self.headers), self.headers.get("idempotency-key", ""), body)
            except signing.SignatureRefused:
                fault = "401"
            if fault.startswith("broken"):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self._answer(200 if fault == "ok" else int(fault))

        def do_GET(self) -> None:
            self._answer(200 if unquote(self.path.strip("/").split("/", 1)[-1]) in server.taken else 404)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
