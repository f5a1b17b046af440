"""Communities: groups of accounts tied by money and shared identity, the suspicious ones as findings.

Leiden (modularity, fixed seed) over the network of `algorithms/_network.py`. A community becomes a finding by a score
that names its grounds: members that pass money on within hours, money passed on inside the group, phones and devices
shared by several members, accounts opened shortly before use. The grounds are joined by noisy-or.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from algorithms._accounts import AccountFigures, MuleSigns, account_figures, sharing_inside
from algorithms._base import Algorithm, Found, Params, Task
from algorithms._identity import IdentityTable, identities
from algorithms._network import Network, Weights, account_network, amount_units, partners
from algorithms._omitted import left_out
from algorithms._passthrough import PassThrough, pass_through
from algorithms._projection import Int32, TransferTable, accounts, kept, transfers
from algorithms.engines import local
from algorithms.engines.local import Pairs, pairs
from core.errors import BadInput

Float64 = npt.NDArray[np.float64]


class CommunityParams(Params):
    """Parameters of communities."""

    method: Literal["leiden", "louvain"] = Field(
        "leiden",
        description="How communities are made; Louvain is quicker and may leave parts that do not hang together",
    )
    scope_accounts: int = Field(
        500, ge=2, description="Smaller: finer communities; resolution is tied accounts / scope"
    )
    seed: int = Field(7, ge=0, description="Seed of the visiting order; the same seed gives the same communities")
    passes: int = Field(2, ge=1, le=10, description="Repetitions of Leiden from its own result")
    amount_weight: float = Field(0.25, ge=0, description="Weight of log amounts beside the number of payments")
    pass_weight: float = Field(1.0, ge=0, description="Extra weight of payments that only passed through")
    identity_weight: float = Field(1.0, ge=0, description="Weight of an identifier shared by two accounts")
    identity_cap: int = Field(20, ge=2, le=200, description="An identifier shared by more accounts ties nobody")
    hub_degree: int = Field(25, ge=1, description="Accounts with more counterparties tie the less the more they have")
    window_s: int = Field(6 * 3600, ge=60, description="Money passed on within this time passes through, seconds")
    passed_share: float = Field(0.6, gt=0, le=1, description="Share of its income a mule passes on within the window")
    mule_units: float = Field(10.0, ge=0, description="Least income of a mule, in median payments of the currency")
    fresh_days: int = Field(100, ge=0, description="New account: first used within this many days of opening")
    min_size: int = Field(3, ge=2, description="Smallest community reported")
    min_score: float = Field(0.7, ge=0, le=1, description="Lowest score reported")
    max_findings: int = Field(100, ge=1, le=10_000, description="At most this many findings, best first")
    max_evidence: int = Field(200, ge=1, le=10_000, description="Transfers named as evidence for one finding")
    timezone: str = Field("Asia/Shanghai", description="Zone in which active hours are told")

    def weights(self) -> Weights:
        """The network's weights."""
        return Weights(
            self.amount_weight, self.pass_weight, self.identity_weight, self.hub_degree, self.identity_cap,
            self.passed_share,
        )  # fmt: skip

    def signs(self) -> MuleSigns:
        """The signs of a mule account."""
        return MuleSigns(self.passed_share, self.mule_units, self.hub_degree, self.fresh_days)


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """Every account's community and every community's figures (arrays by community number).

    `grounds` holds each ground's own strength, 0 to 1; `score` joins them. Row i of `of_account` is account number i.
    """

    of_account: Int32
    size: Int32
    passing: Int32
    sharing: Float64
    fresh: Float64
    inner_passed: Float64
    score: Float64
    grounds: dict[str, Float64]
    modularity: float


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What communities are computed from and described with."""

    table: TransferTable
    identity: IdentityTable
    flow: PassThrough
    units: Float64
    network: Network
    figures: AccountFigures


def picture_of(task: Task, params: CommunityParams) -> Picture:
    """Project and weigh: the arrays every step works on, made once for the same ties and signs of one run."""
    made_with = (params.weights(), params.signs(), params.window_s)
    return kept(task.store, f"network {made_with}", partial(_make_picture, task, params))


def _make_picture(task: Task, params: CommunityParams) -> Picture:
    table, identity = transfers(task.store), identities(task.store)
    task.progress(0.3, "network")
    flow, units, money = _side_by_side(table, params.window_s)
    counterparties = partners(money)
    opened = accounts(task.store)["opened_at_ms"]
    with ThreadPoolExecutor(1) as pool:
        # Both are mostly steps that let others run.
        beside = pool.submit(account_figures, table, flow, units, opened, params.signs(), counterparties)
        network = account_network(table, identity, flow, units, params.weights(), money)
        figures = beside.result()
    return Picture(table, identity, flow, units, network, figures)


def _side_by_side(table: TransferTable, window_s: int) -> tuple[PassThrough, Float64, Pairs]:
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(pairs, table.n_accounts, table.src, table.dst)
        flow, units = pass_through(table, window_s=window_s), amount_units(table)
        return flow, units, beside.result()


def membership(task: Task, picture: Picture, params: CommunityParams) -> Int32:
    """Community of each account by the task's engine. Raises BadInput for Louvain at a scope that GDS cannot be told."""
    edges = picture.network.edges
    # Accounts without any tie must not make the communities of the others finer.
    tied = int(np.count_nonzero(np.bincount(np.concatenate([edges.a, edges.b]), minlength=edges.n)))
    resolution = max(1.0, tied / params.scope_accounts)
    if task.engine == "gds":
        import algorithms.engines.gds as gds

        if params.method == "louvain":
            if resolution > 1.0:
                raise BadInput(
                    f"community: Louvain on gds has no resolution, and scope_accounts={params.scope_accounts} of {tied:,} tied "
                    f"accounts needs {resolution:.1f}: use method=leiden, engine local, or scope_accounts={tied}"
                )
            return gds.louvain(task.store, edges)
        return gds.leiden(task.store, edges, resolution=resolution, seed=params.seed)
    if params.method == "louvain":
        return local.louvain(edges, resolution=resolution, seed=params.seed)
    return local.leiden(edges, resolution=resolution, seed=params.seed, passes=params.passes)


def communities(picture: Picture, of_account: Int32, params: CommunityParams) -> Communities:
    """Figures and scores of all communities."""
    count, figures, table = int(of_account.max(initial=-1)) + 1, picture.figures, picture.table
    size = np.bincount(of_account, minlength=count).astype(np.int32)
    sharing_now = sharing_inside(picture.identity, of_account, least=3, cap=params.identity_cap)

    def share(flags: npt.NDArray[np.bool_]) -> Float64:
        return np.bincount(of_account, weights=flags, minlength=count) / np.maximum(size, 1)

    passing = np.bincount(of_account, weights=figures.is_passing, minlength=count)
    inside = (of_account[table.src] == of_account[table.dst]) & (table.src != table.dst)
    group = of_account[table.dst]
    income = np.bincount(group, weights=picture.units, minlength=count)
    inner = np.bincount(group[inside], weights=(picture.units * picture.flow.relayed)[inside], minlength=count)
    inner_passed = np.divide(inner, income, out=np.zeros(count), where=income > 0)
    grounds = {
        "passing": 0.7 * (1 - np.exp(-passing / 3)) * np.minimum(1, passing / np.maximum(size, 1) / 0.1),
        "inner_passed": 0.25 * np.minimum(1, inner_passed / 0.4) * (passing >= 2),
        "sharing": 0.25 * np.minimum(1, share(sharing_now) / 0.4),
        "fresh": 0.35 * np.minimum(1, share(figures.is_fresh) / 0.3),
    }
    score = 1 - np.prod([1 - strength for strength in grounds.values()], axis=0)
    return Communities(
        of_account, size, passing.astype(np.int32), share(sharing_now), share(figures.is_fresh), inner_passed,
        np.round(score, 4), grounds, local.modularity(picture.network.edges, of_account),
    )  # fmt: skip


def find(task: Task, params: CommunityParams) -> list[Found]:
    """Suspicious communities, best first; ties by the lowest account id."""
    from algorithms._community_text import describe

    picture = picture_of(task, params)
    if not picture.table.n_accounts:
        return []
    task.progress(0.5, params.method)
    result = communities(picture, membership(task, picture, params), params)
    task.progress(0.8, "describe")
    wanted = np.flatnonzero((result.size >= params.min_size) & (result.score >= params.min_score))
    # Communities are numbered by their first account, accounts by their id: a stable order on any store.
    ranked = wanted[np.argsort(-result.score[wanted], kind="stable")][: params.max_findings]
    return describe(picture, result, ranked, params, left_out(len(wanted), params.max_findings))


ALGORITHM = Algorithm(
    "community", "1", "Communities of money and shared identity", CommunityParams, find, ("local", "gds")
)
