"""Bytes in, bytes out: what the API's two ways to score have in common."""

from __future__ import annotations

import msgspec

from core.db import transaction
from core.errors import Conflict, NotFound
from core.message import as_text
from scoring import intake
from scoring.journaled import Said
from scoring.tables import ScoredTransferRow
from security.roles import Actor, Permission
from usecases.flight import Refused
from usecases.flight_admission import Admission
from usecases.services import Services

_ENCODER = msgspec.json.Encoder(enc_hook=as_text)


def admission(services: Services) -> Admission:
    """The gate of this process's scoring, one for each."""
    flight = services.scoring
    if flight.admission is None:
        flight.admission = Admission(services.settings.scoring_waiting, services.settings.scoring_rate)
    return flight.admission


def submit(services: Services, actor: Actor, body: bytes) -> bytes:
    """Score what the body holds; the answer's JSON: one decision, or `{"decisions": [...]}` for a batch.

    Raises NotAllowed, NotJSON, BadInput, TooMany, NotReady; Conflict for one transfer whose id was used otherwise.
    """
    flight, gate = services.scoring, admission(services)
    with gate.inside():
        transfers, is_list = intake.read(body)
        gate.take(actor.id, len(transfers))
        said = flight.submit(actor, transfers)
    if not is_list:
        _raise_refused(said[0])
        return _ENCODER.encode(said[0])
    return _ENCODER.encode({"decisions": [_out(item) for item in said]})


def answered(services: Services, actor: Actor, transfer_id: str) -> bytes:
    """The decision on a transfer this key submitted, with `final`. Raises NotFound, also for another key's."""
    actor.need(Permission.TRANSFERS_SCORE)
    services.scoring.written()
    with transaction(services.engine) as session:
        row = session.get(ScoredTransferRow, transfer_id)
        if row is None or row.key_id != actor.id:
            raise NotFound("this key has submitted no such transfer")
        return b'{"final":' + _ENCODER.encode(row.final or "pending") + b',"decision":' + row.said.encode() + b"}"


def _out(item: Said | Refused) -> object:
    if isinstance(item, Said):
        return item
    return {"id": item.id, "error": {"code": item.code, "detail": item.detail}}


def _raise_refused(item: Said | Refused) -> None:
    if isinstance(item, Refused):
        raise Conflict(item.detail, code=item.code)
