"""Roles inside a community, guessed from money alone: what each account does with what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from algorithms._base import Member
from algorithms._projection import Int64
from core.message import say

if TYPE_CHECKING:
    from algorithms.community import CommunityParams, Picture

#: A mule fed by at least this many accounts of the group gathers money.
COLLECTS_FROM = 3


@dataclass(frozen=True, slots=True)
class _Inside:
    """Figures inside the group of one account: distinct payers and payees, units received and paid, units passed on."""

    payers: int
    payees: int
    received: float
    paid: float
    paid_and_passed: float


def account_members(picture: Picture, accounts: Int64, inside: Int64, params: CommunityParams) -> list[Member]:
    """Members of one community with role, score and reason, highest score first.

    Roles are guesses: mule (passes on), collector (a mule fed by several of the group), cash_out (takes from mules, pays
    nobody inside), victim (pays mules of the group money that is passed on, gets little back), hub, member.
    """
    figures = _inside(picture, accounts, inside)
    ids = picture.table.accounts(accounts)
    members = [
        _member(picture, int(number), account_id, figures[place], params)
        for place, (number, account_id) in enumerate(zip(accounts, ids, strict=True))
    ]
    return sorted(members, key=lambda member: (-(member.score or 0.0), member.id))


def _inside(picture: Picture, accounts: Int64, inside: Int64) -> list[_Inside]:
    table, count = picture.table, len(accounts)
    src, dst = np.searchsorted(accounts, table.src[inside]), np.searchsorted(accounts, table.dst[inside])
    units, relayed = picture.units[inside], picture.flow.relayed[inside]
    pairs = np.unique(src.astype(np.int64) * max(count, 1) + dst)
    columns = (
        np.bincount(pairs % max(count, 1), minlength=count),
        np.bincount(pairs // max(count, 1), minlength=count),
        np.bincount(dst, weights=units, minlength=count),
        np.bincount(src, weights=units, minlength=count),
        np.bincount(src, weights=units * np.where(relayed >= 0.5, relayed, 0), minlength=count),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [_Inside(int(a), int(b), c, d, e) for a, b, c, d, e in rows]


def _member(picture: Picture, number: int, account_id: str, own: _Inside, params: CommunityParams) -> Member:
    figures = picture.figures
    passing, fresh = bool(figures.is_passing[number]), bool(figures.is_fresh[number])
    share = float(figures.passed_share[number])
    role, score, reason = "member", 0.1, say("Tied to the group")
    if passing:
        role = "collector" if own.payers >= COLLECTS_FROM else "mule"
        score = 0.4 + 0.4 * share
        passed = {"share": share, "hours": params.window_s / 3600}
        reason = say("Passed on {share:.0%} of what it received within {hours:g} h", **passed)
        if role == "collector":
            reason = say(
                "Passed on {share:.0%} of what it received within {hours:g} h; fed by {n} accounts of the group",
                **passed, n=own.payers,
            )  # fmt: skip
    elif int(picture.network.counterparties[number]) > 2 * params.hub_degree:
        reason = say("{n} counterparties: a business", n=int(picture.network.counterparties[number]))
        role, score = "hub", 0.05
    elif own.received >= params.mule_units and not own.paid:
        role, score = "cash_out", 0.4
        reason = say("Receives from {n} accounts of the group and pays none of them", n=own.payers)
    elif own.paid_and_passed >= 0.5 * own.paid > 0 and own.received < 0.5 * own.paid:
        role, score = "victim", 0.1
        reason = say("Paid {n} accounts of the group; most of it was passed on at once", n=own.payees)
    if fresh and role not in ("hub", "victim"):
        score, reason = 1 - (1 - score) * 0.7, say("{reason}; opened shortly before first use", reason=reason)
    return Member("Account", account_id, role, score=round(score, 4), reason=reason)
