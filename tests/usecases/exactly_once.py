"""What must hold after any end of scoring: each acknowledged transfer is in tables and ledger once, with the answer it was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.db import transaction
from core.settings import Settings
from ledger.columns import Columns
from scoring.tables import ScoredTransferRow
from usecases import bootstrap


def check(settings: Settings, acked: Mapping[str, Mapping[str, Any]]) -> str:
    """Start scoring once more on what is left, and compare with the answers by transfer id; one line that counts."""
    services = bootstrap.with_scoring(bootstrap.open_ledger(settings))
    services.scoring.start()
    try:
        with transaction(services.engine) as session:
            scored = {row.id: row for row in session.scalars(select(ScoredTransferRow))}
        assert set(acked) <= set(scored), "an acknowledged transfer is lost"
        assert all(json.loads(scored[key].said) == said for key, said in acked.items()), "an answer changed"
        assert len({row.number for row in scored.values()}) == len(scored), "a journal record was used twice"
        head = services.ledger.head_seq()
        sealed = Columns(services.ledger).rels("TRANSFER", ["id"], ("Account", "Account"), head)["id"].to_pylist()
        assert len(sealed) == len(set(sealed)), "a transfer is in the ledger twice"
        assert set(sealed) == {key for key, row in scored.items() if row.final}
        state = services.scoring.state
        assert int(state.acc.out_pos.sum()) == len(scored), "the state counts a transfer twice or not at all"
        return f"{len(acked)} acknowledged, {len(scored)} scored, {head} batches"
    finally:
        bootstrap.close(services)
