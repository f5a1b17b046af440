"""Risk: one explainable score for each account, joined from what the other algorithms found about it.

An account's strength in a finding is weight of the kind x its role's share x its own score there (the finding's where it
has none). Of several findings of one kind only the strongest counts, as they rest on the same money; kinds are joined by
noisy-or: 1 - product of (1 - strength). Only the latest run of each kind counts. Being a victim adds nothing.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._omitted import left_out
from algorithms._run import ALL_OTHERS
from core.message import Said, say
from graph.port import GraphStore

NAME = "risk"
#: Share of a role in what a finding says; a role not named here counts half.
ROLE_SHARE = {
    "mule": 1.0, "collector": 1.0, "distributor": 1.0, "cash_out": 1.0, "exchanger": 1.0, "controller": 1.0,
    "sharer": 0.9, "vanished": 0.9, "new": 0.9, "woken": 0.9, "cycle_member": 0.7, "structurer": 0.7, "payee": 0.3, "recipient": 0.3, "member": 0.3, "payer": 0.2, "hub": 0.1,
    "cash_point": 0.1, "bystander": 0.0, "unclear": 0.4, "victim": 0.0,
}  # fmt: skip
#: Weight of each kind. Kinds that honest trades and collections also show weigh little: see their pages in docs/detection.
#: A gang is made of roles and says nothing new of an account; a component rests on much the same as its community, a key
#: account on the payments of its chains.
WEIGHTS = {
    "mule_chain": 0.8, "community": 0.6, "component": 0.2, "cycle": 0.6, "fan_in": 0.5, "fan_out": 0.5,
    "scatter_gather": 0.9, "stack": 0.9, "bipartite": 0.8, "crypto_round_trip": 0.8, "structuring": 0.7,
    "new_account_burst": 0.6, "pass_through": 0.4, "dormant_burst": 0.4, "gather_scatter": 0.25, "random_walk": 0.2,
    "shared_device": 0.7, "sim_farm": 0.7, "call_then_pay": 0.6, "lookalike": 0.6, "changed_accounts": 0.4,
    "roles": 0.6, "gang": 0.0, "key_account": 0.0,
}  # fmt: skip


class RiskParams(Params):
    """Parameters of risk."""

    weights: dict[str, float] = Field(
        default=WEIGHTS,
        description="Weight of each kind of finding, 0 to 1",
    )
    other_weight: float = Field(0.5, ge=0, le=1, description="Weight of a kind not named")
    min_score: float = Field(0.5, ge=0, le=1, description="Lowest score reported")
    max_findings: int = Field(1000, ge=1, le=100_000, description="At most this many accounts, highest first")

    @field_validator("weights")
    @classmethod
    def _between(cls, weights: dict[str, float]) -> dict[str, float]:
        for kind, weight in weights.items():
            if not 0 <= weight <= 1:
                raise ValueError(f"weight of {kind} must be 0 to 1")
        return weights


def find(task: Task, params: RiskParams) -> list[Found]:
    """Accounts at or above `min_score`, highest first (ties by id), with the findings that make the score."""
    named = _named(task.store)
    task.progress(0.5, "score")
    weight = pl.col("kind").replace_strict(params.weights, default=params.other_weight, return_dtype=pl.Float64)
    share = pl.col("role").replace_strict(ROLE_SHARE, default=0.5, return_dtype=pl.Float64)
    own = pl.coalesce("own_score", "score").clip(0, 1)
    strengths = named.with_columns(strength=weight * share * own)
    scored = _scored(strengths)
    chosen = scored.filter((pl.col("risk") > 0) & (pl.col("risk") >= params.min_score)).sort(
        ["risk", "account"], descending=[True, False]
    )
    omitted = left_out(len(chosen), params.max_findings)
    chosen = chosen.head(params.max_findings)
    kinds = _account_kinds(task.store) if len(chosen) else {}
    by_account = strengths.join(chosen.select("account"), on="account", how="semi").partition_by(
        "account", as_dict=True
    )
    return [
        _found(account, risk, by_account[(account,)], kinds.get(account), omitted)
        for account, risk in chosen.iter_rows()
    ]


def _named(store: GraphStore) -> pl.DataFrame:
    """One row for each account a current finding names: account, role, own_score, finding, kind, score."""
    findings = store.scan_nodes("Finding", ["id", "kind", "score", "run_id", "created_at_ms", "starts_ms", "ends_ms"])
    involves = store.scan_rels("INVOLVES", ["role", "score"], ("Finding", "Account"))
    known = _frame(findings).filter(pl.col("kind") != NAME)
    latest = known.sort("created_at_ms", "run_id").group_by("kind").agg(pl.col("run_id").last())
    current = known.join(latest, on=["kind", "run_id"], how="semi").rename({"id": "finding"}).drop("run_id")
    members = _frame(involves).rename({"from_id": "finding", "to_id": "account", "score": "own_score"})
    return members.join(current, on="finding", how="inner").sort("account", "kind", "finding", "role")


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a table never becomes a series
        raise TypeError("expected a table")
    return frame


def _scored(strengths: pl.DataFrame) -> pl.DataFrame:
    strongest = strengths.group_by("account", "kind").agg(pl.col("strength").max()).sort("account", "kind")
    joined = (1 - (1 - pl.col("strength")).product()).round(4).alias("risk")
    return strongest.group_by("account", maintain_order=True).agg(joined)


def _account_kinds(store: GraphStore) -> dict[str, str]:
    table = store.scan_nodes("Account", ["id", "kind"])
    table = table.filter(pc.is_in(table["kind"], value_set=pa.array(["merchant", "cash", "exchange"])))
    return dict(zip(table["id"].to_pylist(), table["kind"].to_pylist(), strict=True))


def _found(account: str, risk: float, rows: pl.DataFrame, account_kind: str | None, omitted: list[str]) -> Found:
    ranked = rows.sort(["strength", "finding"], descending=[True, False])
    speaks = ranked.filter(pl.col("strength") > 0).to_dicts()
    first: dict[str, dict[str, Any]] = {}
    for row in speaks:
        first.setdefault(row["kind"], row)
    reasons = tuple(_reason(row) for row in first.values())
    starts, ends = ranked["starts_ms"].min(), ranked["ends_ms"].max()
    return Found(
        title=say("Account {account}: {kinds}", account=account, kinds=[_word(kind) for kind in first]),
        score=risk,
        members=(Member("Account", account, str(speaks[0]["role"]), score=risk, reason=reasons[0]),),
        reasons=reasons,
        against=_against(ranked, len(first), account_kind),
        starts_ms=starts if isinstance(starts, int) else None,
        ends_ms=ends if isinstance(ends, int) else None,
        details={
            "findings": [
                {"id": row["finding"], "kind": row["kind"], "role": row["role"], "strength": round(row["strength"], 4)}
                for row in speaks
            ],
            "omitted": omitted,
        },
    )


def _reason(row: dict[str, Any]) -> Said:
    kind, strength = _word(row["kind"]), row["strength"]
    if row["role"] == "new":  # of a changed account; elsewhere the word says that something was not there before
        return say(
            "new in {kind} finding {finding} (adds {strength:.2f})",
            kind=kind,
            finding=row["finding"],
            strength=strength,
        )
    role = _word(row["role"])
    return say(
        "{role} in {kind} finding {finding} (adds {strength:.2f})",
        role=role,
        kind=kind,
        finding=row["finding"],
        strength=strength,
    )


def _word(name: str) -> str:
    """A role or kind as a word; one that somebody else's findings brought is data."""
    text = name.replace("_", " ")
    return say(text) if name in WEIGHTS or name in ROLE_SHARE or name == "learned_risk" else text


def _against(rows: pl.DataFrame, kinds: int, account_kind: str | None) -> tuple[str, ...]:
    named = rows.filter(pl.col("role") == "victim").select("kind", "finding").iter_rows()
    texts = [say("Named as victim in {kind} finding {finding}", kind=_word(kind), finding=name) for kind, name in named]
    if kinds == 1:
        texts.append(say("Only one kind of finding names it"))
    if account_kind is not None:
        texts.append(say("Its kind is {kind}: many counterparties are its trade", kind=say(account_kind)))
    return tuple(texts)


ALGORITHM = Algorithm(NAME, "1.4", "Risk of accounts, joined from all findings", RiskParams, find, after=(ALL_OTHERS,))
