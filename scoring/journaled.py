"""What the journal keeps of money in flight: a scored transfer, or how a pending one ended."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.message import as_text, pack, say, unpack
from scoring.transfer import Transfer


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One earlier transfer a hit rests on. Amount in fen of the reporting currency; `id` is empty when too far back."""

    payer: str
    payee: str
    amount_minor: int
    at_ms: int
    id: str = ""


class HitOut(msgspec.Struct, frozen=True, gc=False):
    """One rule that fired, how much it says, why, and the earlier transfers it rests on."""

    rule: str
    score: float
    reason: str
    evidence: tuple[Evidence, ...] = ()


class HoldOut(msgspec.Struct, frozen=True, gc=False):
    """The hold that an answer opened: until when, and whether it waits for the customer or a person."""

    id: str
    needs: str
    until_ms: int


class Said(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The answer to one transfer, as the bank gets it. Repeating the transfer gets the same one."""

    id: str
    decision_id: str
    answer: str
    score: float
    alert: bool
    basis: str
    hits: tuple[HitOut, ...]
    rule_set: str
    network: str
    scored_at_ms: int
    hold: HoldOut | None = None


class Scored(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="t", tag_field="k"):
    """Journal record: a transfer, who sent it, and what was answered; `packed` keeps the answer's sentences for other languages."""

    transfer: Transfer
    key_id: str
    said: Said
    packed: str = ""

    @property
    def moved(self) -> bool:
        """Whether the money may go at once."""
        return self.said.answer == "allow"

    @property
    def final(self) -> str:
        """`settled` or `refused`; empty while somebody still has to decide."""
        return {"allow": "settled", "refuse": "refused"}.get(self.said.answer, "")


class Resolved(msgspec.Struct, frozen=True, gc=False, tag="r", tag_field="k"):
    """Journal record: a pending transfer was settled or refused at that time."""

    transfer: Transfer
    final: str
    at_ms: int


Record = Scored | Resolved
_DECODER = msgspec.json.Decoder(Record)
_ENCODER = msgspec.json.Encoder(enc_hook=as_text)


def encode(record: Record | Said | list[Said]) -> bytes:
    """The record as compact JSON."""
    return _ENCODER.encode(record)


def decode(payload: bytes) -> Record:
    """A journal record. Raises ValueError when it is none."""
    found: Record = _DECODER.decode(payload)
    return found


_SAID = msgspec.json.Decoder(Said)


def packed(reasons: Sequence[str], network: str) -> str:
    """The sentences of an answer as `said_of` takes them back; nothing where there is none."""
    return pack([*reasons, network]) if reasons or network != "used" else ""


def said_of(text: str, packed: str | None = None) -> Said:
    """The answer as it is kept in the table; what `packed` knows of its sentences can be read in any language."""
    return told(_SAID.decode(text), packed)


def told(said: Said, packed: str | None) -> Said:
    """The answer with its sentences as `packed` keeps them."""
    if not packed:
        return said
    *reasons, network = unpack(packed, [*(hit.reason for hit in said.hits), said.network])
    hits = [msgspec.structs.replace(hit, reason=reason) for hit, reason in zip(said.hits, reasons, strict=True)]
    return msgspec.structs.replace(said, hits=tuple(hits), network=network)


def because(said: Said) -> str:
    """Why a transfer was answered so, in one sentence: what fired, else why the network is missing."""
    found = said.network
    for place, hit in enumerate(reversed(said.hits)):
        found = hit.reason if not place else say("{one}; {more}", one=hit.reason, more=found)
    return found
