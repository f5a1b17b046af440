"""Signed JSON by HTTP POST. A connection that never stood is a bounce; one that broke after sending leaves a doubt."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from outbox import signing
from outbox.model import Delivery, Endpoint, Outcome
from outbox.states import DeliveryVerb

_TAKEN = range(200, 300)
#: The receiver says itself that it did nothing yet.
_COME_AGAIN = frozenset({408, 425, 429, 503})
_MAX_ANSWER = 4_096


class _Forbidden(ValueError):
    """An address nothing is ever sent to."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """POSTs to the endpoint's address; asks with `GET <address>/<idempotency key>`: 200 it is there, 404 it is not."""

    master: bytes
    connect_s: float = 5.0
    read_s: float = 15.0
    name: str = "webhook"

    def send(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome:
        """See Channel. 4xx is refused for good, 5xx other than 503 is a doubt: the receiver may have acted before it failed."""
        body = delivery.body.encode()
        try:
            status, said, wait = self._call("POST", endpoint.address, endpoint, delivery, now_ms, body)
        except _Forbidden as error:
            return Outcome(DeliveryVerb.REFUSE, str(error))
        except (NewConnectionError, ConnectTimeoutError, NameResolutionError, socket.gaierror) as error:
            return Outcome(DeliveryVerb.BOUNCE, f"no connection: {_short(error)}")
        except (HTTPError, OSError, ValueError) as error:
            return Outcome(DeliveryVerb.DOUBT, f"the connection broke: {_short(error)}")
        if status in _TAKEN:
            return Outcome(DeliveryVerb.CONFIRM, said)
        if status in _COME_AGAIN:
            return Outcome(DeliveryVerb.BOUNCE, f"{status} {said}", wait)
        if 400 <= status < 500:
            return Outcome(DeliveryVerb.REFUSE, f"{status} {said}")
        return Outcome(DeliveryVerb.DOUBT, f"{status} {said}")

    def ask(self, endpoint: Endpoint, delivery: Delivery, now_ms: int) -> Outcome | None:
        """See Channel."""
        address = f"{endpoint.address.rstrip('/')}/{quote(delivery.idempotency_key, safe='')}"
        try:
            status, said, _ = self._call("GET", address, endpoint, delivery, now_ms, b"")
        except (HTTPError, OSError, ValueError):
            return None
        if status == 200:
            return Outcome(DeliveryVerb.FIND, said)
        return Outcome(DeliveryVerb.MISS, "the receiver does not have it") if status == 404 else None

    def _call(
        self, method: str, address: str, endpoint: Endpoint, delivery: Delivery, now_ms: int, body: bytes
    ) -> tuple[int, str, int | None]:
        _check_target(address)
        secret = signing.secret_of(self.master, endpoint.name, endpoint.key_version)
        headers = signing.sign(secret, delivery.id, now_ms, body)
        headers |= {
            "content-type": "application/json; charset=utf-8", "idempotency-key": delivery.idempotency_key,
            "user-agent": "Ringtrace",
        }  # fmt: skip
        # no redirects and no retries of the library's own: each would be a sending nobody recorded
        with urllib3.PoolManager(num_pools=1, retries=False) as pool:
            answer = pool.request(
                method, address, body=body or None, headers=headers, preload_content=False, redirect=False,
                timeout=urllib3.Timeout(connect=self.connect_s, read=self.read_s),
            )  # fmt: skip
            try:
                said = self._text(answer)
                wait = answer.headers.get("retry-after", "")
                return answer.status, said, int(wait) if wait.isdigit() and len(wait) < 7 else None
            finally:
                answer.close()

    def _text(self, answer: urllib3.BaseHTTPResponse) -> str:
        """The answer's beginning. A receiver that drips it, each piece within the socket's wait, holds up no other bank."""
        until, said = time.monotonic() + self.read_s, b""
        while len(said) < _MAX_ANSWER and time.monotonic() < until:
            piece = answer.read1(_MAX_ANSWER - len(said))
            if not piece:
                break
            said += piece
        return said.decode("utf-8", "replace")


def _check_target(address: str) -> None:
    """Refuse what no bank has: link-local addresses, where clouds keep their machines' credentials, by any name."""
    host = urlsplit(address).hostname or ""
    for found in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP):
        where = ip_address(str(found[4][0]).split("%")[0])
        real = getattr(where, "ipv4_mapped", None) or where
        if real.is_link_local or real.is_multicast:
            raise _Forbidden(f"{host} leads to {real}, where no receiver is")


def _short(error: Exception) -> str:
    return f"{type(error).__name__}"
