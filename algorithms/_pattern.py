"""What the pattern algorithms share: their parameters, the money they look at, and findings made of candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Found, Member, Params, Task
from algorithms._chain_search import strangers
from algorithms._flow import Bools, Flow, Ints
from algorithms._money import Money, money
from algorithms._omitted import left_out, not_listed
from core.clock import DAY_MS
from core.message import Amount, say

Floats = NDArray[np.float64]
#: A finding lists at most so many transfers and members; `omitted` says how many more there are.
MAX_EVIDENCE, MAX_MEMBERS = 2_000, 1_000
#: Share of its score that a finding keeps when every account of it is a hub or a merchant.
BUSY_SHARE = 0.4


class PatternParams(Params):
    """Parameters all patterns have; times in seconds, amounts in minor units, shares from 0 to 1."""

    window_s: int = Field(86_400, ge=0, description="Length of the burst, and longest stay of money on an account")
    min_amount_minor: int = Field(0, ge=0, description="Leave out findings of less money than this")
    hub_partners: int = Field(100, ge=2, description="Partners that make a long active account a hub ...")
    hub_days: float = Field(30, ge=0, description="... when it has been active for at least so many days")
    min_score: float = Field(0.0, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report")


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Money movements, and what is known of every account: `hub`, and money `received` and `sent` by purse.

    `strange` marks payments whose payer had not known the payee for three weeks.
    """

    money: Money
    hub: Bools
    received: Floats
    sent: Floats
    strange: Bools

    @property
    def flow(self) -> Flow:
        return self.money.flow

    def purse(self, nodes: Any, currency: Any) -> Any:
        """Place of an account and currency in `received` and `sent`."""
        return nodes * (len(self.received) // max(self.flow.n_nodes, 1)) + currency

    def busy_share(self, nodes: Sequence[int]) -> float:
        """Share of these accounts that are hubs or merchants."""
        some = np.asarray(nodes, np.int64)
        return float((self.hub[some] | (self.flow.kind[some] == fl.MERCHANT)).mean()) if len(some) else 0.0

    def busy_lines(self, nodes: Sequence[int]) -> list[str]:
        """What speaks against a pattern through these accounts."""
        some, lines = np.asarray(nodes, np.int64), list[str]()
        if busy := int(self.hub[some].sum()):
            lines.append(
                say(
                    "{n} of {total} accounts have very many partners over a long time, as shops do",
                    n=busy,
                    total=len(some),
                )
            )
        if shops := int((self.flow.kind[some] == fl.MERCHANT).sum()):
            lines.append(say("{n} of {total} accounts are merchants'", n=shops, total=len(some)))
        return lines

    def known_lines(self, rows: Ints) -> list[str]:
        """What speaks against a pattern of payments between accounts that have long dealt with each other."""
        known = int((~self.strange[rows]).sum())
        return (
            [say("{n} of {total} payments are between accounts that have dealt for weeks", n=known, total=len(rows))]
            if known
            else []
        )


def scene(task: Task, params: PatternParams) -> Scene:
    """Project the store's money once for a pattern. Cost is linear in transfers."""
    task.progress(0.0, "reading money movements")
    picture = money(task.store)
    flow = picture.flow
    others = flow.src != flow.dst
    keys_in, n_keys = fl.purse_keys(flow, flow.dst)
    keys_out, _ = fl.purse_keys(flow, flow.src)
    amounts = flow.amount[others].astype(np.float64)
    return Scene(
        picture,
        fl.hubs(flow, params.hub_partners, int(params.hub_days * DAY_MS)),
        np.bincount(keys_in[others], weights=amounts, minlength=n_keys).astype(np.float64),
        np.bincount(keys_out[others], weights=amounts, minlength=n_keys).astype(np.float64),
        strangers(flow) if len(flow) else np.zeros(0, np.bool_),
    )


@dataclass(slots=True, eq=False)
class Candidate:
    """One pattern before it is put into words: its flow rows in order of time, money, signs (0 to 1) and score."""

    rows: Ints
    currency: int
    amount: int
    score: float
    signs: Mapping[str, float]
    nodes: dict[str, list[int]]
    """Accounts by role, in the order to list them."""
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Text:
    """The words of one finding; `reason` gives one sentence for a member, `layer` its layer by role."""

    title: str
    reasons: list[str]
    against: list[str]
    layer: Mapping[str, int | None] = field(default_factory=dict)
    member_share: Mapping[str, float] = field(default_factory=dict)
    """Share of the finding's score that a role gets; 1 when not given."""
    reason: Callable[[str, int], str] = lambda _role, _node: ""


def weigh(signs: Mapping[str, float], weights: Mapping[str, float], busy: float = 0.0) -> float:
    """Weighted sum of signs, less when accounts are busy ones; 0 to 1."""
    total = sum(weight * min(1.0, max(0.0, signs[name])) for name, weight in weights.items())
    return min(1.0, max(0.0, total * (1.0 - (1.0 - BUSY_SHARE) * busy)))


def many(count: float, least: float) -> float:
    """0.25 at the least number that counts, 1 from about five times as many on."""
    return float(min(1.0, 0.25 + np.log(max(count, least) / least) / np.log(8))) if least > 0 else 1.0


def report(
    scene: Scene,
    candidates: Iterable[Candidate],
    params: PatternParams,
    words: Callable[[Candidate], Text],
    omitted: Sequence[str] = (),
) -> list[Found]:
    """The most suspicious candidates as findings; ties by money, then by time. `omitted` goes into every finding."""
    good = [c for c in candidates if c.score >= params.min_score and c.amount >= params.min_amount_minor]
    good.sort(key=lambda c: (-round(c.score, 9), -c.amount, int(c.rows[0]), int(c.rows[-1]), sorted(c.nodes.items())))
    left = [*omitted, *left_out(len(good), params.limit)]
    return [_found(scene, candidate, words(candidate), left) for candidate in good[: params.limit]]


def _found(scene: Scene, candidate: Candidate, text: Text, omitted: list[str]) -> Found:
    picture, flow, rows = scene.money, scene.flow, candidate.rows
    parts = [(role, node) for role, nodes in candidate.nodes.items() for node in nodes]
    left = [
        *omitted,
        *not_listed("transfers", len(rows), MAX_EVIDENCE),
        *not_listed("accounts", len(parts), MAX_MEMBERS),
    ]
    parts = parts[:MAX_MEMBERS]
    score = round(candidate.score, 4)
    members = tuple(
        Member(*name, role, text.layer.get(role), round(score * text.member_share.get(role, 1.0), 4), text.reason(role, node))
        for (role, node), name in zip(parts, picture.names(node for _, node in parts), strict=True)
    )  # fmt: skip
    return Found(
        title=text.title,
        score=score,
        members=members,
        reasons=tuple(text.reasons),
        against=tuple(text.against),
        evidence_ids=picture.events(rows[:MAX_EVIDENCE]),
        amount_minor=candidate.amount,
        currency=picture.currencies[candidate.currency],
        starts_ms=int(flow.at_ms[rows[0]]),
        ends_ms=int(flow.at_ms[rows[-1]]),
        details={
            **candidate.figures, "transfers": len(rows), "omitted": left,
            "signs": {name: round(float(value), 4) for name, value in candidate.signs.items()},
        },
    )  # fmt: skip


def amount(scene: Scene, candidate: Candidate) -> Amount:
    """The candidate's money in a sentence."""
    return Amount(candidate.amount, scene.money.currencies[candidate.currency])


def hours(scene: Scene, rows: Ints) -> float:
    """Hours from the first to the last of these rows."""
    return float(scene.flow.at_ms[rows[-1]] - scene.flow.at_ms[rows[0]]) / 3_600_000
