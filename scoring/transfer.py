"""A transfer in flight as a bank submits it, in our own form. Validation says the field and what was expected."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.errors import BadInput
from core.money import EXPONENT, MAX_MINOR

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Word = Annotated[str, msgspec.Meta(max_length=64)]
MAX_ID = 64
CHANNELS = ("transfer", "payment", "wire", "card", "pos", "atm", "cash", "cheque", "crypto")


class Call(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A phone call of the payer shortly before, as the bank's app or the carrier reports it."""

    ended_ms: Annotated[int, msgspec.Meta(ge=0)]
    duration_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)]
    known: bool = False
    """Whether the other number is in the payer's contacts."""


class Transfer(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One transfer. Money in minor units; time in UTC epoch milliseconds. Empty text means not given."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
    payer: Key
    payee: Key
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=MAX_MINOR)]
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=4)]
    at_ms: Annotated[int, msgspec.Meta(ge=631_152_000_000, le=4_102_444_800_000)]
    channel: Word = "transfer"
    device: Annotated[str, msgspec.Meta(max_length=128)] = ""
    ip: Annotated[str, msgspec.Meta(max_length=64)] = ""
    region: Word = ""
    """Where the payer is now, in the words the accounts' regions use."""
    payer_country: Annotated[str, msgspec.Meta(max_length=2)] = ""
    payee_country: Annotated[str, msgspec.Meta(max_length=2)] = ""
    call: Call | None = None


_DECODER = msgspec.json.Decoder(Transfer)


def transfer_of(given: Any, where: str = "") -> Transfer:
    """A parsed JSON object as a Transfer. Raises BadInput naming the field (`where` prefixes it) and what was expected."""
    try:
        found = msgspec.convert(given, Transfer)
    except msgspec.ValidationError as error:
        raise BadInput(f"{where}{_plain(str(error))}", code="invalid") from error
    return checked(found, where)


def checked(found: Transfer, where: str = "") -> Transfer:
    """What types cannot say: printable ids, a known currency and channel. Raises BadInput."""
    for name in ("id", "payer", "payee", "device", "ip", "region"):
        text = getattr(found, name)
        if text and (not text.isprintable() or text != text.strip()):
            raise BadInput(f"{where}{name}: expected printable text without spaces around it", code="invalid")
    if not found.id.isascii():
        raise BadInput(f"{where}id: expected ASCII letters, digits and signs", code="invalid")
    if found.currency not in EXPONENT:
        raise BadInput(f"{where}currency: {found.currency[:4]!r} is no ISO 4217 code known here", code="invalid")
    if found.channel not in CHANNELS:
        raise BadInput(f"{where}channel: expected one of {', '.join(CHANNELS)}", code="invalid")
    for name in ("payer_country", "payee_country"):
        country = getattr(found, name)
        if country and not (len(country) == 2 and country.isascii() and country.isupper()):
            raise BadInput(f"{where}{name}: expected an ISO 3166 two-letter code in capitals", code="invalid")
    if found.payer == found.payee:
        raise BadInput(f"{where}payee: a transfer to the payer itself is not scored", code="invalid")
    return found


def decoded(line: bytes) -> Transfer:
    """A Transfer as this program wrote it itself (journal, hold). Raises ValueError when it is damaged."""
    return _DECODER.decode(line)


def encoded(transfer: Transfer) -> bytes:
    """The transfer as compact JSON, the same for the same content: what idempotency compares."""
    return msgspec.json.encode(transfer)


def _plain(said: str) -> str:
    """msgspec's message with the field first: `amount_minor: expected int, got float`."""
    text, _, path = said.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    text = text.replace("`", "")
    return f"{path}: {text[0].lower()}{text[1:]}" if path else text[0].lower() + text[1:]
