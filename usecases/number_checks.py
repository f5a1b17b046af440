"""Checks of phone numbers in a batch: whose they are by numbering plan, signs of resale, and the lists they are on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput
from core.message import say
from ledger.columns import Columns
from scoring import numbers
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.services import Services


def check(
    services: Services,
    actor: Actor,
    given: Sequence[str],
    permission: Permission = Permission.TRANSFERS_SCORE,
    language: str = "en",
) -> list[numbers.Checked]:
    """Attribution, resale signals and lists of many phone numbers; a person needs ALERTS_READ. Raises BadInput, NotAllowed."""
    if not 1 <= len(given) <= numbers.MAX_BATCH:
        raise BadInput(say("send 1 to {most} numbers at once", most=numbers.MAX_BATCH), code="invalid")
    with audited(services, actor, permission, "numbers.check", numbers=len(given)):
        read = [numbers.attribute(item, language) for item in given]
        wanted = sorted({item.e164 for item in read if item.e164})
        with transaction(services.engine) as session:
            on = numbers.on_lists(session, wanted, now_ms())
        return numbers.checked(read, on, numbers.resale_signals(_used(services, wanted), wanted))


def _used(services: Services, wanted: Sequence[str]) -> dict[str, pl.DataFrame]:
    """What `resale_signals` looks at, from the ledger: devices of all cards, calls of these numbers."""
    columns, head = Columns(services.ledger), services.ledger.head_seq()
    pairs = columns.rels("USED_DEVICE", [], ("Phone", "Device"), head)
    devices = pl.DataFrame(pl.from_arrow(pairs)).rename({"from_id": "phone", "to_id": "device"})
    table = columns.rels("CALLED", ["at_ms"], ("Phone", "Phone"), head)
    of_them = pc.is_in(table["from_id"], value_set=pa.array(wanted, pa.string()))
    calls = pl.DataFrame(pl.from_arrow(table.filter(of_them))).rename({"from_id": "phone"}).select("phone", "at_ms")
    return {"devices": devices, "calls": calls}
