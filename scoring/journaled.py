"""What the journal keeps of money in flight: a scored transfer, or how a pending one ended."""

from __future__ import annotations

import msgspec

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


class Scored(msgspec.Struct, frozen=True, gc=False, tag="t", tag_field="k"):
    """Journal record: a transfer, who sent it, and what was answered."""

    transfer: Transfer
    key_id: str
    said: Said

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
_ENCODER = msgspec.json.Encoder()


def encode(record: Record | Said | list[Said]) -> bytes:
    """The record as compact JSON."""
    return _ENCODER.encode(record)


def decode(payload: bytes) -> Record:
    """A journal record. Raises ValueError when it is none."""
    found: Record = _DECODER.decode(payload)
    return found


_SAID = msgspec.json.Decoder(Said)


def said_of(text: str) -> Said:
    """The answer as it is kept in the table."""
    return _SAID.decode(text)
