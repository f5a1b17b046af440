"""Changed accounts: new, vanished and woken ones between two loads or dates, and new ones that take over from vanished ones.

Mule accounts are used up: a bank closes one, the herder brings the next. The people, devices and partners behind stay
(Europol, EMMA reports; the "new account takes over" sign of LexisNexis' mule typologies). A change alone is life: people
open, leave and return. See docs/detection/changed_accounts.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from algorithms import _flow as fl
from algorithms._accounts import passes_on
from algorithms._alike import KINDS, Pairs, alike, groups
from algorithms._base import Algorithm, Found, Member, Task
from algorithms._holders import holders
from algorithms._identity import identities
from algorithms._network import amount_units
from algorithms._omitted import not_listed
from algorithms._pattern import MAX_MEMBERS, PatternParams, Scene, many, scene, weigh
from algorithms._projection import scan_edges
from core.clock import DAY_MS
from core.message import Said, say
from graph.port import GraphStore

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SAME, NEW, VANISHED, WOKEN = range(4)
STATES = {NEW: "new", VANISHED: "vanished", WOKEN: "woken"}
#: What is said of all accounts of a state, of one of them, and of one that has part in a succession.
_TITLES = {NEW: "{n} new accounts", VANISHED: "{n} vanished accounts", WOKEN: "{n} woken accounts"}
_LISTED = {
    NEW: "{n} accounts first seen in {after}",
    VANISHED: "{n} accounts active in {before}, not in {after}",
    WOKEN: "{n} accounts silent in {before}, active again in {after}",
}
_MOVED = {
    SAME: "moved {units:.0f} median payments",
    NEW: "new; moved {units:.0f} median payments",
    VANISHED: "vanished; moved {units:.0f} median payments",
    WOKEN: "woken; moved {units:.0f} median payments",
}
#: What each sign adds to the score of a succession. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.15, "likeness": 0.35, "passing": 0.35, "soon": 0.15}


class ChangedAccountsParams(PatternParams):
    """Parameters of changed accounts. Dates unless both loads are named."""

    window_s: int = Field(14 * 86_400, ge=3_600, description="Length of the time before and of the time after")
    turn_ms: int | None = Field(
        None, ge=0, description="Moment that divides them; none: `window_s` before the last transfer"
    )
    turn_every_s: int = Field(
        0,
        ge=0,
        description="Also look for successions at turns this far apart, back to the first transfer; 0: one turn",
    )
    before_load: int | None = Field(None, ge=1, description="Ledger sequence of the earlier load")
    after_load: int | None = Field(None, ge=1, description="Ledger sequence of the later load")
    min_transfers: int = Field(3, ge=1, description="Transfers that make an account active")
    min_units: float = Field(
        5.0, ge=0, description="Least money moved while active, in median payments of the currency"
    )
    pass_window_s: int = Field(6 * 3600, ge=60, description="Money passed on within this time passes through")
    passed_share: float = Field(0.6, gt=0, le=1, description="Share of its income a mule passes on within that time")
    min_likeness: float = Field(
        0.3, ge=0, le=1, description="Least likeness of a vanished account and the one that takes over"
    )
    identifier_cap: int = Field(
        20, ge=2, le=100, description="A device, phone, address or name of more accounts ties nobody"
    )
    partner_cap: int = Field(12, ge=2, le=60, description="A payee or payer of more accounts ties nobody")

    @model_validator(mode="after")
    def _both_loads(self) -> ChangedAccountsParams:
        if (self.before_load is None) != (self.after_load is None):
            raise ValueError("name both before_load and after_load, or neither")
        if self.before_load is not None and self.before_load == self.after_load:
            raise ValueError("before_load and after_load must differ")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Of each account: its state, when the active time on its side began or ended, and money moved then (median payments)."""

    state: Ints
    at_ms: Ints
    units: Floats
    before: Said
    after: Said


def find(task: Task, params: ChangedAccountsParams) -> list[Found]:
    """Successions, most suspicious first, then one list each of new, vanished and woken accounts. Linear in transfers."""
    here = scene(task, params)
    if not len(here.flow):
        return []
    task.progress(0.4, "comparing two times")
    turns = _turns(here, params)
    change = _between_loads(task.store, here, params) if params.before_load else _between_dates(here, turns[0], params)
    passing = passes_on(here.money.table, window_s=params.pass_window_s, share=params.passed_share)
    made = _successions(task.store, here, change, passing, params)
    for turn in [] if params.before_load else turns[1:]:
        made += _successions(task.store, here, _between_dates(here, turn, params), passing, params)
    found = _best([item for item in made if item.score >= params.min_score])
    omitted = []
    if (left := len(found) - params.limit) > 0:
        omitted.append(say("{n} less suspicious successions were left out by the limit", n=left))
    lists = [
        item
        for state in STATES
        if (item := _listed(here, change, state, passing)) is not None and item.score >= params.min_score
    ]
    for item in (*found[: params.limit], *lists):
        item.details["omitted"].extend(omitted)
    return sorted([*found[: params.limit], *lists], key=lambda item: -item.score)


def _turns(here: Scene, params: ChangedAccountsParams) -> list[int]:
    """Moments that divide before from after, the latest first."""
    first, last, window = int(here.flow.at_ms[0]), int(here.flow.at_ms[-1]), params.window_s * 1000
    turn = last - window + 1 if params.turn_ms is None else params.turn_ms
    step = params.turn_every_s * 1000
    return [turn, *range(turn - step, first, -step)] if step else [turn]


def _best(found: list[Found]) -> list[Found]:
    """Most suspicious first; of several with a vanished account in common (at different turns) only the first."""
    found.sort(key=lambda item: (-item.score, item.members[0].id, item.starts_ms))
    kept, seen = [], set[str]()
    for item in found:
        old = {member.id for member in item.members if member.role == "vanished"}
        if not old & seen:
            kept.append(item)
        seen |= old
    return kept


def _between_dates(here: Scene, turn: int, params: ChangedAccountsParams) -> Change:
    table, window = here.money.table, params.window_s * 1000
    before = (table.at_ms >= turn - window) & (table.at_ms < turn)
    after = (table.at_ms >= turn) & (table.at_ms < turn + window)
    earlier = table.at_ms < turn - window
    days = params.window_s / 86_400
    names = (say("the {days:g} days before", days=days), say("the {days:g} days after", days=days))
    return _changed(here, (earlier, before, after), names, params)


def _between_loads(store: GraphStore, here: Scene, params: ChangedAccountsParams) -> Change:
    """By the load each transfer came with."""
    table = here.money.table
    rows = scan_edges(store, "TRANSFER", ("id", "load_seq"), ("Account", "Account")).table
    load = dict(zip(rows["id"].to_pylist(), rows["load_seq"].to_pylist(), strict=True))
    seq = np.array([load.get(name) or 0 for name in table.transfer_ids(np.arange(len(table)))], np.int64)
    before, after = seq == params.before_load, seq == params.after_load
    earlier = seq < min(params.before_load or 0, params.after_load or 0)
    names = (say("load {n}", n=params.before_load or 0), say("load {n}", n=params.after_load or 0))
    return _changed(here, (earlier, before, after), names, params)


def _changed(
    here: Scene, when: tuple[Bools, Bools, Bools], names: tuple[Said, Said], params: ChangedAccountsParams
) -> Change:
    table, units = here.money.table, amount_units(here.money.table)
    n, moved = table.n_accounts, table.src != table.dst
    counts, sums = [], []
    for rows in when:
        chosen = rows & moved
        counts.append(sum(np.bincount(ends[chosen], minlength=n) for ends in (table.src, table.dst)))
        sums.append(
            sum(np.bincount(ends[chosen], weights=units[chosen], minlength=n) for ends in (table.src, table.dst))
        )
    earlier, before, after = (np.asarray(count) for count in counts)
    plain = ~here.hub[:n] & (here.flow.kind[:n] == fl.OTHER)
    active = [
        (count >= params.min_transfers) & (np.asarray(total) >= params.min_units)
        for count, total in zip(counts, sums, strict=True)
    ]
    state = np.full(n, SAME, np.int64)
    state[plain & active[2] & (before == 0) & (earlier == 0)] = NEW
    state[plain & active[2] & (before == 0) & (earlier > 0)] = WOKEN
    state[plain & active[1] & (after == 0)] = VANISHED
    at_ms = np.zeros(n, np.int64)
    for ends in (table.src, table.dst):
        last = np.flatnonzero(when[1] & moved)
        gone = np.zeros(n, np.int64)
        gone[ends[last]] = table.at_ms[last]
        at_ms = np.maximum(at_ms, np.where(state == VANISHED, gone, 0))
        first = np.flatnonzero(when[2] & moved)[::-1]
        came = np.full(n, np.iinfo(np.int64).max)
        came[ends[first]] = table.at_ms[first]
        known = np.isin(state, (NEW, WOKEN)) & (came < np.iinfo(np.int64).max)
        at_ms[known] = np.where(at_ms[known] > 0, np.minimum(at_ms[known], came[known]), came[known])
    return Change(state, at_ms, np.where(state == VANISHED, sums[1], sums[2]), *names)


def _successions(
    store: GraphStore, here: Scene, change: Change, passing: Bools, params: ChangedAccountsParams
) -> list[Found]:
    """Vanished accounts with the new or woken ones that share their evidence."""
    gone, came = change.state == VANISHED, np.isin(change.state, (NEW, WOKEN))
    if not gone.any() or not came.any():
        return []
    identity, n = identities(store), here.money.table.n_accounts
    no_names = np.full(n, -1, np.int64)
    pairs = alike(here, identity, no_names, holders(identity, n), (params.identifier_cap, params.partner_cap))
    across: Bools = (gone[pairs.a] & came[pairs.b]) | (came[pairs.a] & gone[pairs.b])
    strong = pairs.only(np.asarray(across & (pairs.likeness >= params.min_likeness), np.bool_))
    return [_succession(here, group, change, passing) for group in groups(strong, n)]


def _succession(here: Scene, group: Pairs, change: Change, passing: Bools) -> Found:
    who = np.unique(np.concatenate([group.a, group.b]))
    old, young = who[change.state[who] == VANISHED], who[change.state[who] != VANISHED]
    gap = float(change.at_ms[young].min() - change.at_ms[old].max()) / DAY_MS
    signs = {
        "many": many(len(who), 2), "likeness": float(min(1.0, group.likeness.mean() / 0.6)),
        "passing": float(passing[who].mean()), "soon": float(np.clip(1 - abs(gap) / 14, 0, 1)),
    }  # fmt: skip
    score = round(weigh(signs, WEIGHTS) * (0.4 + 0.6 * signs["passing"]), 4)
    shared = [kind for i, kind in enumerate(KINDS) if (group.by_kind[:, i] > 0.02).any()]
    against = [] if signs["passing"] > 0.3 else [say("few or none pass money on: a family may change its bank")]
    if not {"device", "phone"} & set(shared):
        against.append(say("no device or phone is shared"))
    states = change.state[who].tolist()
    members = [
        Member("Account", name, STATES[state], None, round(score * (1.0 if passing[number] else 0.5), 4),
               say(_MOVED[state], units=float(change.units[number])))
        for number, state, name in zip(who.tolist(), states, here.money.table.accounts(who), strict=True)
    ]  # fmt: skip
    members.sort(key=lambda member: (member.role != "vanished", member.id))
    return Found(
        say("{came} new or woken accounts take over from {gone} vanished", came=len(young), gone=len(old)), score, tuple(members[:MAX_MEMBERS]),
        (say("active in {before}, gone in {after}: {gone}; the other way round: {came}", before=change.before, after=change.after, gone=len(old), came=len(young)),
         say("they share {kinds}", kinds=[say(kind) for kind in shared]),
         say("{days:,.1f} days from the last payment of the old to the first of the new", days=gap)),
        tuple(against), starts_ms=int(change.at_ms[who].min()), ends_ms=int(change.at_ms[who].max()),
        details=_details(change, {"vanished": len(old), "came": len(young), "gap_days": round(gap, 2), "shared": shared}, signs, len(members)),
    )  # fmt: skip


def _details(change: Change, figures: dict[str, Any], signs: dict[str, float], members: int) -> dict[str, Any]:
    omitted = not_listed("accounts", members, MAX_MEMBERS)
    rounded = {name: round(value, 4) for name, value in signs.items()}
    return {**figures, "before": change.before, "after": change.after, "signs": rounded, "omitted": omitted}


def _listed(here: Scene, change: Change, state: int, passing: Bools) -> Found | None:
    """All accounts of one state, those that pass money on and move most of it first; the score is low: change is life."""
    who = np.flatnonzero(change.state == state)
    if not len(who):
        return None
    who = who[np.lexsort((who, -change.units[who], ~passing[who]))]
    name, count = STATES[state], len(who)
    members = tuple(
        Member("Account", text, name, None, 0.3 if passing[number] else 0.1, say(_MOVED[SAME], units=float(change.units[number])))
        for number, text in zip(who[:MAX_MEMBERS].tolist(), here.money.table.accounts(who[:MAX_MEMBERS]), strict=True)
    )  # fmt: skip
    share = float(passing[who].mean())
    return Found(
        say(_TITLES[state], n=count), round(0.1 + 0.2 * share, 4), members,
        (say(_LISTED[state], n=count, before=change.before, after=change.after), say("{n} of them pass on most of what they receive", n=int(passing[who].sum()))),
        (say("people open, leave and take up accounts all the time"),),
        starts_ms=int(change.at_ms[who].min()), ends_ms=int(change.at_ms[who].max()),
        details=_details(change, {"state": name, "accounts": count}, {"passing": share}, count),
    )  # fmt: skip


ALGORITHM = Algorithm("changed_accounts", "1.0", "New, vanished and woken accounts", ChangedAccountsParams, find)
