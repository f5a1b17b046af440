"""The client's own address behind a TLS proxy: what a forwarding header says is believed from proxies named in the settings alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from core.settings import Network

Environ = dict[str, Any]
Address = IPv4Address | IPv6Address


class BehindProxies:
    """WSGI middleware, the outermost: puts the client's address and scheme where everything behind it looks for them.

    Sign-in limits, lock-outs, audit lines and the CSRF check of the origin read `REMOTE_ADDR` and `wsgi.url_scheme` only.
    From a peer that is no trusted proxy the headers are not looked at. The host name is never taken from a header but Host.
    """

    def __init__(self, app: Any, trusted: tuple[Network, ...]) -> None:
        self._app, self._trusted = app, trusted

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer the request as the client behind the proxies."""
        peer = _address(environ.get("REMOTE_ADDR", ""))
        if peer is not None and self._trusts(peer):
            environ["REMOTE_ADDR"] = str(self._client(peer, environ.get("HTTP_X_FORWARDED_FOR", "")))
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rsplit(",", 1)[-1].strip().lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start)  # type: ignore[no-any-return]

    def _client(self, peer: Address, forwarded: str) -> Address:
        """The last address of the chain that no trusted proxy has.

        Each proxy appends whom it heard from, so what stands right of that address is true and what stands left of it is
        the client's own word. A part that is no address ends the search at the proxy that passed it on.
        """
        found = peer
        for part in reversed(forwarded.split(",")):
            said = _address(part)
            if said is None:
                return found
            found = said
            if not self._trusts(said):
                return found
        return found

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _address(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, or in brackets; IPv4 in IPv6's clothes as IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
