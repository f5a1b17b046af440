"""Bursts around one account: the window in which most different others pay it (fan-in) or are paid by it (fan-out)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._base import Found, Member, Params
from algorithms._flow import Ints
from algorithms._money import Money
from algorithms._omitted import left_out
from core.clock import DAY_MS
from core.message import Amount, Said, say

#: What each sign adds to the score. Set by judgement, not fitted to any labels; see docs/detection/fan_in.md.
WEIGHTS = {"many": 0.25, "burst": 0.20, "onward": 0.20, "strangers": 0.20, "pieces": 0.15}
#: Payments between the same two this close together are pieces of one: splitting a sum keeps each below a limit.
_PIECES_MS = DAY_MS


class FanParams(Params):
    """Parameters of fan-in and fan-out; times in seconds, amounts in minor units."""

    window_s: int = Field(3 * 86_400, ge=0, description="Length of the burst")
    min_partners: int = Field(5, ge=2, description="Different others within one burst")
    min_amount_minor: int = Field(0, ge=0, description="Leave out bursts of less money than this")
    hub_partners: int = Field(100, ge=2, description="Partners that make a long active account a hub ...")
    hub_days: float = Field(30, ge=0, description="... when it has been active for at least so many days")
    min_score: float = Field(0.0, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report")


@dataclass(frozen=True, slots=True)
class Words:
    """How one direction speaks: the centre's and the others' roles, and its own words in the sentences."""

    incoming: bool
    centre: str
    other: str
    did: Said
    onward: Said


@njit(cache=True)
def best_windows(start, order, other, at_ms, window):  # type: ignore[no-untyped-def]
    """Per key: most different others within the window, and the first and last position (in `order`) of that burst."""
    n_keys = len(start) - 1
    best = np.zeros(n_keys, np.int64)
    first = np.zeros(n_keys, np.int64)
    last = np.zeros(n_keys, np.int64)
    seen = np.zeros(other.max() + 1 if len(other) else 1, np.int64)
    for key in range(n_keys):
        left, distinct = start[key], 0
        for right in range(start[key], start[key + 1]):
            row = order[right]
            seen[other[row]] += 1
            distinct += seen[other[row]] == 1
            while at_ms[row] - at_ms[order[left]] > window:
                seen[other[order[left]]] -= 1
                distinct -= seen[other[order[left]]] == 0
                left += 1
            if distinct > best[key]:
                best[key], first[key], last[key] = distinct, left, right
            elif distinct == best[key] and left == first[key]:
                last[key] = right
        for place in range(left, start[key + 1]):
            seen[other[order[place]]] -= 1
    return best, first, last


@njit(cache=True)
def _measure(keys, first, last, sides, columns, window):  # type: ignore[no-untyped-def]
    """Figures of the burst of each key, one row each: money, all money ever, others also seen outside the burst,
    money on the account's other side near the burst, mean and standard deviation of amounts, ms active altogether,
    others who paid (or were paid) in pieces."""
    start, order, back_start, back_order = sides
    other, amount, at_ms = columns
    inside = np.zeros(other.max() + 1 if len(other) else 1, np.int64)
    latest = np.zeros(other.max() + 1 if len(other) else 1, np.int64)
    figures = np.zeros((len(keys), 8))
    for k in range(len(keys)):
        key = keys[k]
        total, burst, squares, count = 0.0, 0.0, 0.0, 0
        for place in range(first[key], last[key] + 1):
            row = order[place]
            if inside[other[row]] == 0:
                inside[other[row]] = 1
            elif inside[other[row]] == 1 and at_ms[row] - latest[other[row]] <= _PIECES_MS:
                inside[other[row]] = 3
                figures[k, 7] += 1
            latest[other[row]] = at_ms[row]
            burst += amount[row]
            squares += float(amount[row]) * amount[row]
            count += 1
        known = 0
        for place in range(start[key], start[key + 1]):
            row = order[place]
            total += amount[row]
            if (place < first[key] or place > last[key]) and inside[other[row]] % 2 == 1:
                inside[other[row]] = 2
                known += 1
        for place in range(first[key], last[key] + 1):
            inside[other[order[place]]] = 0
        from_ms, to_ms = at_ms[order[first[key]]] - window, at_ms[order[last[key]]] + window
        near = 0.0
        for place in range(back_start[key], back_start[key + 1]):
            if from_ms <= at_ms[back_order[place]] <= to_ms:
                near += amount[back_order[place]]
        mean = burst / count
        figures[k, 0], figures[k, 1], figures[k, 2], figures[k, 3] = burst, total, known, near
        figures[k, 4], figures[k, 5] = mean, np.sqrt(max(0.0, squares / count - mean * mean))
        figures[k, 6] = at_ms[order[start[key + 1] - 1]] - at_ms[order[start[key]]]
    return figures


def find_bursts(picture: Money, params: FanParams, words: Words) -> list[Found]:
    """One finding per account and currency: its busiest burst, most suspicious first. Cost is linear in transfers."""
    whole = picture.flow
    if not len(whole):
        return []
    kept = np.flatnonzero(whole.src != whole.dst)
    flow = replace(whole, **{name: getattr(whole, name)[kept] for name in _COLUMNS})
    if not len(flow):
        return []
    centre, other = (flow.dst, flow.src) if words.incoming else (flow.src, flow.dst)
    keys, n_keys = fl.purse_keys(flow, centre)
    start, order = kernel.group(keys, n_keys)
    back_start, back_order = kernel.group(fl.purse_keys(flow, other)[0], n_keys)
    best, first, last = best_windows(start, order, other, flow.at_ms, params.window_s * 1000)
    chosen = np.flatnonzero(best >= params.min_partners)
    sides, columns = (start, order, back_start, back_order), (other, flow.amount, flow.at_ms)
    figures = _measure(chosen, first, last, sides, columns, params.window_s * 1000)
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * DAY_MS))
    nodes = chosen // (n_keys // flow.n_nodes)
    busy = hub[nodes] | (flow.kind[nodes] == fl.MERCHANT)
    signs = _signs(best[chosen], figures, params.min_partners)
    score = sum(weight * signs[name] for name, weight in WEIGHTS.items()) * np.where(busy, 0.4, 1.0)
    good = np.flatnonzero((score >= params.min_score) & (figures[:, 0] >= params.min_amount_minor))
    ranked = good[np.lexsort((chosen[good], -figures[good, 0], -score[good]))][: params.limit]
    return [
        _found(picture, words, params, _Burst(
            int(nodes[k]), kept[order[first[chosen[k]] : last[chosen[k]] + 1]], float(score[k]), figures[k],
            {name: float(value[k]) for name, value in signs.items()}, bool(hub[nodes[k]]), len(good),
        ))
        for k in ranked.tolist()
    ]  # fmt: skip


_COLUMNS = ("src", "dst", "amount", "at_ms", "currency", "cash_exit", "converted")


def _signs(best: Ints, figures: np.ndarray[Any, Any], least: int) -> dict[str, np.ndarray[Any, Any]]:
    burst, total, known, near = figures[:, 0], figures[:, 1], figures[:, 2], figures[:, 3]
    return {
        "many": np.minimum(1.0, 0.25 + np.log(best / least) / np.log(8)),
        "burst": burst / np.maximum(total, 1),
        "onward": np.minimum(1.0, near / np.maximum(burst, 1)),
        "strangers": 1.0 - known / best,
        "pieces": figures[:, 7] / best,
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Burst:
    node: int
    rows: Ints
    score: float
    figures: np.ndarray[Any, Any]
    signs: dict[str, float]
    hub: bool
    found_total: int


def _found(picture: Money, words: Words, params: FanParams, burst: _Burst) -> Found:
    flow, rows = picture.flow, burst.rows
    sides = flow.src if words.incoming else flow.dst
    others, money, split = _per_other(sides[rows], flow.amount[rows], flow.at_ms[rows])
    currency, amount = picture.currencies[int(flow.currency[rows[0]])], int(flow.amount[rows].sum())
    names = picture.names([burst.node, *others])
    members = [
        Member(
            *names[0],
            words.centre,
            None,
            round(burst.score, 4),
            say("{n} {did} in one burst", n=len(others), did=words.did),
        )
    ]
    for name, paid, pieces in zip(names[1:], money, split, strict=True):
        sum_ = Amount(paid, currency)
        reason = say("{money} in {n} pieces", money=sum_, n=pieces) if pieces > 1 else say("{money}", money=sum_)
        members.append(Member(*name, words.other, None, round((0.9 if pieces > 1 else 0.3) * burst.score, 4), reason))
    hours = (int(flow.at_ms[rows[-1]]) - int(flow.at_ms[rows[0]])) / 3_600_000
    return Found(
        title=say("{n} {did}: {money} within {hours:,.1f} hours", n=len(others), did=words.did, money=Amount(amount, currency), hours=hours),
        score=round(min(1.0, burst.score), 4),
        members=tuple(members),
        reasons=tuple(_reasons(words, burst, len(others))),
        against=tuple(_against(words, burst, len(others), int(flow.kind[burst.node]) == fl.MERCHANT)),
        evidence_ids=picture.events(rows),
        amount_minor=amount,
        currency=currency,
        starts_ms=int(flow.at_ms[rows[0]]),
        ends_ms=int(flow.at_ms[rows[-1]]),
        details={
            "partners": len(others), "transfers": len(rows), "all_money_minor": int(burst.figures[1]),
            "other_side_minor": int(burst.figures[3]), "partners_known_before_or_after": int(burst.figures[2]),
            "active_days": round(float(burst.figures[6]) / DAY_MS, 2), "is_hub": burst.hub,
            "signs": {name: round(value, 4) for name, value in burst.signs.items()},
            "omitted": left_out(burst.found_total, params.limit),
        },
    )  # fmt: skip


def _per_other(others: Ints, amounts: Ints, at_ms: Ints) -> tuple[list[int], list[int], list[int]]:
    """Others in order of number, the money of each, and in how many pieces (1 when no two payments are close)."""
    found, number = np.unique(others, return_inverse=True)
    sums, close = np.zeros(len(found), np.int64), np.ones(len(found), np.int64)
    np.add.at(sums, number, amounts)
    by_other = np.lexsort((at_ms, number))
    same = number[by_other][1:] == number[by_other][:-1]
    near = same & (at_ms[by_other][1:] - at_ms[by_other][:-1] <= _PIECES_MS)
    np.add.at(close, number[by_other][1:][near], 1)
    return found.tolist(), sums.tolist(), close.tolist()


def _reasons(words: Words, burst: _Burst, partners: int) -> list[str]:
    signs = burst.signs
    lines: list[str] = [say("{n} different {did} in one burst", n=partners, did=words.did)]
    if signs["burst"] > 0.5:
        lines.append(say("{share:.0%} of all such money of the account fell into it", share=signs["burst"]))
    if signs["onward"] > 0.5:
        lines.append(say("{share:.0%} of it {onward} near the same time", share=signs["onward"], onward=words.onward))
    if signs["pieces"] > 0.3:
        lines.append(
            say("{share:.0%} of the partners split what they paid into pieces within a day", share=signs["pieces"])
        )
    if signs["strangers"] > 0.8:
        lines.append(say("almost none of the partners dealt with the account at any other time"))
    return lines


def _against(words: Words, burst: _Burst, partners: int, merchant: bool) -> list[str]:
    lines, known = list[str](), int(burst.figures[2])
    if merchant:
        lines.append(say("the account is a merchant's: customers are expected"))
    if burst.hub:
        lines.append(
            say("the account has had very many partners for a long time, as shops, payrolls and payment companies do")
        )
    if known > 0.5 * partners:
        lines.append(
            say(
                "{n} of {total} partners deal with it at other times too, as with wages or rent",
                n=known,
                total=partners,
            )
        )
    mean, deviation = float(burst.figures[4]), float(burst.figures[5])
    if not words.incoming and mean > 0 and deviation < 0.3 * mean:
        lines.append(say("the amounts are much alike, as wages are"))
    if words.incoming and deviation > 1.0 * mean:
        lines.append(say("the amounts vary widely, as purchases do"))
    if burst.signs["burst"] < 0.2:
        lines.append(say("the burst is a small part of what the account does"))
    return lines
