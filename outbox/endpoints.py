"""Where deliveries go. Functions work inside the caller's transaction."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, NotFound
from outbox.model import Endpoint
from outbox.tables import EndpointRow

CHANNELS = ("webhook", "sftp_file", "email_form")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


def check(name: str, channel: str, address: str) -> None:
    """Whether an endpoint can be so. Raises BadInput naming the field."""
    if not _NAME.fullmatch(name):
        raise BadInput("an endpoint's name has 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit")
    if channel not in CHANNELS:
        raise BadInput(f"channel must be one of {', '.join(CHANNELS)}")
    _check_address(channel, address)


def put(
    session: Session, name: str, title: str, channel: str, address: str, now_ms: int, *, first_version: int = 1
) -> Endpoint:
    """Add an endpoint, its secrets of `first_version`, or change where it is. Raises BadInput naming the field."""
    check(name, channel, address)
    row = session.get(EndpointRow, name)
    if row is None:
        row = EndpointRow(name=name, key_version=first_version, is_enabled=True, created_at_ms=now_ms)
        session.add(row)
    row.title, row.channel, row.address = titled(title, name), channel, address
    session.flush()
    return _endpoint(row)


def titled(title: str, name: str) -> str:
    """The title as it is kept: the name where none is given."""
    return title.strip()[:200] or name


def find(session: Session, name: str) -> Endpoint | None:
    """One endpoint, if there is one."""
    row = session.get(EndpointRow, name)
    return None if row is None else _endpoint(row)


def remove(session: Session, name: str) -> None:
    """Take the endpoint away. Raises NotFound."""
    row = session.get(EndpointRow, name)
    if row is None:
        raise NotFound(f"there is no endpoint {name!r}")
    session.delete(row)
    session.flush()


def get(session: Session, name: str) -> Endpoint:
    """One endpoint. Raises NotFound."""
    row = session.get(EndpointRow, name)
    if row is None:
        raise NotFound(f"there is no endpoint {name!r}")
    return _endpoint(row)


def everything(session: Session) -> list[Endpoint]:
    """All endpoints by name."""
    return [_endpoint(row) for row in session.scalars(select(EndpointRow).order_by(EndpointRow.name))]


def raise_key(session: Session, name: str) -> Endpoint:
    """Replace the endpoint's secrets by the next version; signatures of the one before stay good for answers."""
    row = session.get(EndpointRow, name)
    if row is None:
        raise NotFound(f"there is no endpoint {name!r}")
    row.key_version += 1
    session.flush()
    return _endpoint(row)


def enable(session: Session, name: str, enabled: bool) -> None:
    """Let deliveries leave for this endpoint, or keep them waiting."""
    row = session.get(EndpointRow, name)
    if row is None:
        raise NotFound(f"there is no endpoint {name!r}")
    row.is_enabled = enabled
    session.flush()


def _check_address(channel: str, address: str) -> None:
    if len(address) > 500 or not address.isprintable() or not address:
        raise BadInput("address must have 1 to 500 printable characters")
    if channel == "webhook":
        parts = _parted(address)
        if (
            parts is None
            or parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.fragment
        ):
            raise BadInput("a webhook's address is an http(s) URL without user name and fragment")
    elif channel == "sftp_file" and not _NAME.fullmatch(address):
        raise BadInput("an SFTP endpoint's address is the name of its folder: a-z, 0-9, - and _")
    elif channel == "email_form" and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
        raise BadInput("an e-mail endpoint's address is one e-mail address")


def _parted(address: str) -> SplitResult | None:
    """The URL's parts, None for what is no URL: `http://[`, a port beyond 65535."""
    try:
        parts = urlsplit(address)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _endpoint(row: EndpointRow) -> Endpoint:
    return Endpoint(row.name, row.title, row.channel, row.address, row.key_version, row.is_enabled)
