"""Signed JSON by HTTP POST. A connection that never stood is a bounce; one that broke after sending leaves a doubt."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeVar, cast
from urllib.parse import quote, urlsplit

import urllib3
import urllib3.connection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from outbox import signing
from outbox.model import Delivery, Endpoint, Outcome
from outbox.states import DeliveryVerb

_TAKEN = range(200, 300)
#: The receiver says itself that it did nothing yet.
_COME_AGAIN = frozenset({408, 425, 429, 503})
_MAX_ANSWER = 4_096
#: Where clouds hand out their machines' credentials outside the link-local range: Alibaba, Azure, Oracle, AWS by IPv6.
_METADATA = frozenset(map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")))
_NAT64, _OWN_NAT64 = 0x64FF9B << 96, 0x64FF9B_0001


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
        target = _target(address)
        secret, *before = signing.secrets_of(self.master, endpoint.name, endpoint.key_version)
        headers = signing.sign(secret, delivery.id, now_ms, body, *before)
        headers |= {
            "content-type": "application/json; charset=utf-8", "idempotency-key": delivery.idempotency_key,
            "user-agent": "Ringtrace", "host": target.host_header,
        }  # fmt: skip
        # no redirects and no retries of the library's own: each would be a sending nobody recorded
        with self._pool(target) as pool:
            answer = pool.request(
                method, target.path, body=body or None, headers=headers, preload_content=False, redirect=False,
                retries=False, timeout=urllib3.Timeout(connect=self.connect_s, read=self.read_s),
            )  # fmt: skip
            try:
                said = self._text(answer)
                wait = answer.headers.get("retry-after", "")
                seconds = int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
                return answer.status, said, seconds
            finally:
                answer.close()

    def _pool(self, target: _Target) -> urllib3.HTTPConnectionPool:
        """A connection to the checked address itself: a name asked a second time may lead somewhere else."""
        if target.scheme == "https":
            pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
                target.address, target.port, server_hostname=target.host, assert_hostname=target.host
            )
            pool.ConnectionCls = _watched(urllib3.connection.HTTPSConnection, self.read_s)
        else:
            pool = urllib3.HTTPConnectionPool(target.address, target.port)
            pool.ConnectionCls = _watched(urllib3.connection.HTTPConnection, self.read_s)
        return pool

    def _text(self, answer: urllib3.BaseHTTPResponse) -> str:
        """The answer's beginning. A receiver that drips it, each piece within the socket's wait, holds up no other bank."""
        until, said = time.monotonic() + self.read_s, b""
        while len(said) < _MAX_ANSWER and time.monotonic() < until:
            piece = answer.read1(_MAX_ANSWER - len(said))
            if not piece:
                break
            said += piece
        return said.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a message goes: the name it is for, and the one address it was checked to be."""

    scheme: str
    host: str
    address: str
    port: int
    path: str
    host_header: str


def _target(url: str) -> _Target:
    """Resolve once. Refuses what no bank has: link-local addresses, where clouds keep their machines' credentials, by any name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]
    for address in addresses:
        outer = ip_address(address.split("%")[0])
        for real in (outer, _real(outer)):
            if real.is_link_local or real.is_multicast or real.is_unspecified or real in _METADATA:
                raise _Forbidden(f"{host} leads to {real}, where no receiver is")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.scheme, host, addresses[0], port, path, parts.netloc.rpartition("@")[2])


def _real(where: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that only wraps it.

    Mapped, compatible (`::a.b.c.d`, RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214), NAT64 of the known
    prefix (RFC 6052) and of a network's own (RFC 8215).
    """
    if isinstance(where, IPv4Address):
        return where
    high, last = int(where) >> 32, IPv4Address(int(where) & 0xFFFF_FFFF)
    compatible = high == 0 and int(last) > 1  # `::` and `::1` are themselves
    isatap = high & 0xFFFF_FFFF in (0x5EFE, 0x0200_5EFE)
    if compatible or isatap or high << 32 == _NAT64 or int(where) >> 80 == _OWN_NAT64:
        return last
    return where.ipv4_mapped or where.sixtofour or (where.teredo[1] if where.teredo else where)


_Connection = TypeVar("_Connection", bound=urllib3.connection.HTTPConnection)


def _watched(kind: type[_Connection], most_s: float) -> type[_Connection]:
    """A connection whose status and headers must be there within `most_s` altogether, however they are dripped."""

    class Watched(kind):  # type: ignore[misc, valid-type]
        def getresponse(self) -> urllib3.HTTPResponse:
            watch = threading.Timer(most_s, _cut, (self,))
            watch.daemon = True
            watch.start()
            try:
                return cast(urllib3.HTTPResponse, super().getresponse())
            finally:
                watch.cancel()

    return Watched


def _cut(connection: urllib3.connection.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):  # it has ended by itself
            connection.sock.shutdown(socket.SHUT_RDWR)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}"
