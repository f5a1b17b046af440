"""Crypto round trip: money is changed into coin, moved through wallets, and changed back, often by someone else.

Coin is followed oldest first (Anderson, Shumailov, Ahmed, "Making Bitcoin Legal", 2018). A mixer is a hub: what leaves it
is matched by amount and time only, among how many payouts is said. Peel chains, where wallet after wallet splits off a
small part, are those of Meiklejohn et al., "A Fistful of Bitcoins" (2013). See docs/detection/crypto_round_trip.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._base import Algorithm, Found, Member, Task
from algorithms._coins import BUY, MOVE, SELL, Coins, Followed, coins, follow_bought, peels
from algorithms._flow import Ints, Rules
from algorithms._omitted import left_out, not_listed
from algorithms._pattern import MAX_EVIDENCE, PatternParams, weigh
from core.clock import DAY_MS
from core.message import Amount, Said, say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"elsewhere": 0.35, "returned": 0.15, "hops": 0.15, "swift": 0.10, "mixer": 0.15, "peel": 0.10}


class CryptoRoundTripParams(PatternParams):
    """Parameters; `window_s` is the longest stay of coin on one wallet, amounts are of the money paid for coin."""

    window_s: int = Field(7 * 86_400, ge=0, description="Longest stay of coin on one wallet or in a mixer")
    min_hops: int = Field(1, ge=0, description="Moves between wallets before coin is sold (0: also sold at once)")
    max_hops: int = Field(32, ge=2, le=256, description="Longest way, in purchases, moves and sales together")
    min_explained_share: float = Field(0.6, ge=0, le=1, description="Smallest share of a move that known coin covers")
    mixer_fee_share: float = Field(0.05, ge=0, lt=1, description="A mixer pays out at most this share less than it got")
    mixer_choices: int = Field(8, ge=1, description="More fitting payouts than this, and a mixer's deposit is lost")
    min_peels: int = Field(3, ge=2, description="Wallets in turn that peel a part off: a peel chain")
    allow_equal_times: bool = Field(True, description="Coin may go on at the very time it came in")


@dataclass(frozen=True, slots=True, eq=False)
class _Trip:
    """One network of followed coin: its rows, and what they amount to."""

    rows: Ints
    hops: int
    peel: int
    signs: dict[str, float]
    score: float
    fiat_in: dict[str, int]
    fiat_out: dict[str, int]
    mixed: Ints


def find(task: Task, params: CryptoRoundTripParams) -> list[Found]:
    """One finding per network of coin that came back, went into a mixer or was peeled. Cost is linear in movements."""
    task.progress(0.0, "reading coin movements")
    picture = coins(task.store)
    flow = picture.flow
    if not len(flow):
        return []
    task.progress(0.4, "following coin")
    hub = fl.hubs(flow, params.hub_partners, int(params.hub_days * DAY_MS))
    rules = Rules(
        params.window_s * 1000, 1.0, params.min_explained_share, params.allow_equal_times, False, params.max_hops
    )
    found = follow_bought(picture, rules, hub, params.mixer_fee_share, params.mixer_choices)
    peel = peels(picture, found)
    trips = [_trip(picture, found, peel, rows, params) for rows in _networks(flow, found)]
    good = [trip for trip in trips if _wanted(trip, params)]
    good.sort(key=lambda trip: (-round(trip.score, 9), -max(trip.fiat_in.values()), int(trip.rows[0])))
    omitted: list[str] = (
        [say("{n} deposits in mixers were compared with only some payouts", n=found.cut)] if found.cut else []
    )
    if picture.without_coin:
        omitted.append(
            say("{n} exchanges do not say how much coin they were and were left out", n=picture.without_coin)
        )
    omitted += left_out(len(good), params.limit)
    return [_found(picture, found, trip, omitted) for trip in good[: params.limit]]


def _networks(flow: fl.Flow, found: Followed) -> list[Ints]:
    """Rows with traced coin, joined where coin passed from one to the other, in order of time."""
    parent = np.arange(len(flow), dtype=np.int64)
    kernel.join(parent, found.links.lot, found.links.pays)
    rows = np.flatnonzero(found.money > 0)
    rows = rows[np.argsort(parent[rows], kind="stable")]
    return [part for part in np.split(rows, np.flatnonzero(np.diff(parent[rows])) + 1) if len(part) > 1]


def _trip(picture: Coins, found: Followed, peel: Ints, rows: Ints, params: CryptoRoundTripParams) -> _Trip:
    flow = picture.flow
    buys, sells = rows[picture.leg[rows] == BUY], rows[picture.leg[rows] == SELL]
    moves = rows[picture.leg[rows] == MOVE]
    bought = float(flow.amount[buys].sum())
    other = ~np.isin(flow.dst[sells], flow.src[buys])
    mixed = moves[picture.mixer[flow.dst[moves]]]
    # Purchase and sale are no moves.
    hops = max([int(found.hop[moves].max(initial=0)), *(int(hop) - 1 for hop in found.hop[sells])])
    links = found.links
    inside = np.concatenate([links.by_lot[links.start[row] : links.start[row + 1]] for row in rows.tolist()])
    stay = flow.at_ms[links.pays[inside]] - flow.at_ms[links.lot[inside]]
    sold = float(found.money[sells].sum())
    signs = {
        "elsewhere": float(found.money[sells][other].sum()) / sold if sold else 0.0,
        "returned": sold / max(bought, 1.0),
        "hops": min(1.0, hops / 4),
        "swift": 1.0 - min(1.0, float(np.median(stay)) / max(params.window_s * 1000, 1)) ** 0.5,
        "mixer": min(1.0, float(found.money[mixed].sum()) / max(bought, 1.0)),
        "peel": min(1.0, int(peel[rows].max()) / params.min_peels),
    }
    return _Trip(
        rows, hops, int(peel[rows].max()), signs, weigh(signs, WEIGHTS), _fiat(picture, buys), _fiat(picture, sells), mixed
    )  # fmt: skip


def _fiat(picture: Coins, rows: Ints) -> dict[str, int]:
    """Money of purchases or sales by currency: never added across."""
    sums: dict[str, int] = {}
    for row in rows.tolist():
        currency = picture.currencies[int(picture.fiat_currency[row])]
        sums[currency] = sums.get(currency, 0) + int(picture.fiat[row])
    return dict(sorted(sums.items()))


def _wanted(trip: _Trip, params: CryptoRoundTripParams) -> bool:
    back = bool(trip.fiat_out) and trip.hops >= params.min_hops
    if not (back or len(trip.mixed) or trip.peel >= params.min_peels):
        return False
    return trip.score >= params.min_score and max(trip.fiat_in.values()) >= params.min_amount_minor


def _found(picture: Coins, found: Followed, trip: _Trip, omitted: list[str]) -> Found:
    flow, rows = picture.flow, trip.rows
    paid, got = (_sums(sums) for sums in (trip.fiat_in, trip.fiat_out))
    left = omitted + not_listed("movements", len(rows), MAX_EVIDENCE)
    one = len(trip.fiat_in) == 1
    way = say("peeled off wallet by wallet")
    if got is not None:
        way = say("back as {money}", money=got)
    elif len(trip.mixed):
        way = say("into a mixer")
    return Found(
        title=say("{money} changed into coin, {hops} hops, {way}", money=paid or "", hops=trip.hops, way=way),
        score=round(trip.score, 4),
        members=tuple(_members(picture, found, trip)),
        reasons=tuple(_reasons(trip)),
        against=tuple(_against(picture, found, trip)),
        evidence_ids=tuple(picture.event_ids[row] for row in rows[:MAX_EVIDENCE].tolist()),
        amount_minor=next(iter(trip.fiat_in.values())) if one else None,
        currency=next(iter(trip.fiat_in)) if one else "MIXED",
        starts_ms=int(flow.at_ms[rows[0]]),
        ends_ms=int(flow.at_ms[rows[-1]]),
        details={
            "hops": trip.hops, "peels": trip.peel, "paid_minor": trip.fiat_in, "received_minor": trip.fiat_out,
            "way": [_step(picture, found, row) for row in rows[:MAX_EVIDENCE].tolist()], "omitted": left,
            "signs": {name: round(value, 4) for name, value in trip.signs.items()},
        },
    )  # fmt: skip


def _sums(sums: dict[str, int]) -> Amount | Said | None:
    """Money of one or more currencies as a sentence's part; None for none."""
    parts: list[Amount | Said] = [Amount(amount, currency) for currency, amount in sums.items()]
    return (
        reduce(lambda before, money: say("{before} and {money}", before=before, money=money), parts) if parts else None
    )


def _step(picture: Coins, found: Followed, row: int) -> dict[str, Any]:
    return {
        "id": picture.event_ids[row], "leg": ("buy", "move", "sell")[int(picture.leg[row])],
        "coin_minor": int(picture.flow.amount[row]), "traced_minor": int(found.money[row]),
        "coin": picture.coins[int(picture.flow.currency[row])], "hop": int(found.hop[row]),
        "at_ms": int(picture.flow.at_ms[row]), "chosen_among": int(found.fits[row]) or None,
    }  # fmt: skip


def _members(picture: Coins, found: Followed, trip: _Trip) -> list[Member]:
    flow, seen = picture.flow, dict[int, tuple[str, int, str]]()
    for row in trip.rows.tolist():
        layer, leg = int(found.hop[row]), int(picture.leg[row])
        if leg == BUY:
            seen.setdefault(int(flow.src[row]), ("exchanger", 0, say("changed money into coin")))
        if leg == SELL:
            seen.setdefault(int(flow.dst[row]), ("exchanger", layer + 1, say("changed coin back into money")))
        for node in (int(flow.src[row]), int(flow.dst[row])):
            if found.hub[node]:
                seen.setdefault(
                    node, ("hub", layer, say("a mixer or a wallet with very many partners: matched by amount only"))
                )
            else:
                seen.setdefault(node, ("wallet", layer, say("coin went through it")))
    share = {"exchanger": 1.0, "wallet": 0.6, "hub": 0.1}
    return [
        Member(*picture.name(node), role, layer, round(trip.score * share[role], 4), reason)
        for node, (role, layer, reason) in seen.items()
    ]


def _reasons(trip: _Trip) -> list[str]:
    signs = trip.signs
    lines: list[str] = [say("coin went through {n} moves between wallets after it was bought", n=trip.hops)]
    if signs["returned"] > 0:
        lines.append(say("{share:.0%} of it was changed back into money", share=signs["returned"]))
    if signs["elsewhere"] > 0:
        lines.append(
            say(
                "{share:.0%} of what was changed back went to accounts that had not bought it", share=signs["elsewhere"]
            )
        )
    if len(trip.mixed):
        lines.append(say("{n} moves went into a mixer", n=len(trip.mixed)))
    if trip.peel > 1:
        lines.append(say("{n} wallets in turn each peeled off a small part and sent the rest on", n=trip.peel))
    return lines


def _against(picture: Coins, found: Followed, trip: _Trip) -> list[str]:
    lines, rows = list[str](), trip.rows
    sells = rows[picture.leg[rows] == SELL]
    if len(sells) and trip.signs["elsewhere"] == 0:
        lines.append(say("all of it came back to who had bought it, as when one moves savings between wallets"))
    if through := [int(fits) for fits in found.fits[rows] if fits]:
        lines.append(
            say(
                "{n} times matched through a mixer by amount and time, among up to {most} payouts",
                n=len(through),
                most=max(through),
            )
        )
    lost = len(trip.mixed) - len(through)
    if lost > 0:
        lines.append(say("{n} times a mixer's payout could not be told: there the trail ends", n=lost))
    if trip.hops < 2:
        lines.append(say("hardly moved between wallets: a sale soon after a purchase may be trade"))
    return lines


ALGORITHM = Algorithm("crypto_round_trip", "1.0", "Round trip through crypto", CryptoRoundTripParams, find)
