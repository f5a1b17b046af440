"""What detection and people say of accounts, for scoring: the latest findings that nobody rejected, lists, overrides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import select

from cases import verdicts
from cases.verdicts import Status
from core.db import transaction
from ledger.columns import Columns
from scoring import watch
from scoring.suspicion import FIELD, UNSUSPECTED
from scoring.tables import ListEntryRow, OverrideRow
from scoring.watch import Entry, Override, Watch
from usecases.services import Services

_FOREVER = 1 << 62
Suspected = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Scores by field and account from each algorithm's latest run; accounts of findings that were adopted.

    `seen` says what it was made from: the same again gives the same object.
    """

    suspected: Suspected
    adopted: tuple[str, ...]
    seen: tuple[object, ...] = ()


def read_findings(services: Services, columns: Columns, before: Outlook) -> Outlook:
    """What detection and verdicts say now; `before` itself where nothing changed since. A rejected finding counts for nothing.

    Raises what the ledger and the system database raise.
    """
    head = services.ledger.head_seq()
    nodes = pl.DataFrame(
        pl.from_arrow(columns.nodes("Finding", ["id", "kind", "score", "run_id", "created_at_ms"], head))
    )
    nodes = nodes.filter(pl.col("kind").is_in(list(FIELD)))
    if not nodes.height:
        return Outlook({}, ()) if before.seen else before
    latest = nodes.group_by("kind").agg(pl.col("run_id").sort_by("created_at_ms").last().alias("run_id"))
    nodes = nodes.join(latest, on=["kind", "run_id"], how="semi")
    with transaction(services.engine) as session:
        judged = verdicts.latest(session, nodes["id"].to_list())
    rejected = sorted(id for id, verdict in judged.items() if verdict.status is Status.REJECTED)
    adopted = sorted(id for id, verdict in judged.items() if verdict.status is Status.ADOPTED)
    # a run's findings are never changed: runs and verdicts say whether anything is new
    seen = (tuple(sorted(latest["run_id"].to_list())), nodes.height, tuple(rejected), tuple(adopted))
    if seen == before.seen:
        return before
    nodes = nodes.filter(~pl.col("id").is_in(rejected))
    rels = pl.DataFrame(pl.from_arrow(columns.rels("INVOLVES", ["role", "score"], ("Finding", "Account"), head)))
    members = rels.rename({"score": "own"}).join(nodes, left_on="from_id", right_on="id", how="inner")
    members = members.filter(~pl.col("role").fill_null("").is_in(UNSUSPECTED))
    scored = (
        members.with_columns(value=pl.coalesce("own", "score")).group_by("kind", "to_id").agg(pl.col("value").max())
    )
    found: dict[str, dict[str, float]] = {}
    for kind, account, value in scored.select("kind", "to_id", "value").rows():
        found.setdefault(FIELD[kind], {})[account] = float(value)
    bad = members.filter(pl.col("from_id").is_in(adopted))["to_id"].unique().sort().to_list()
    return Outlook(found, tuple(bad), seen)


def read_watch(services: Services, at_ms: int) -> Watch:
    """Lists and approved overrides in force at that time."""
    with transaction(services.engine) as session:
        entries = session.scalars(select(ListEntryRow).where(ListEntryRow.removed_at_ms.is_(None))).all()
        overrides = session.scalars(
            select(OverrideRow).where(OverrideRow.approved_at_ms.is_not(None), OverrideRow.ended_at_ms.is_(None))
        ).all()
    return watch.build(
        (Entry(row.list, row.kind, row.value, row.expires_at_ms or _FOREVER) for row in entries),
        (Override(row.payer, row.payee, row.expires_at_ms) for row in overrides if row.expires_at_ms > at_ms),
    )
