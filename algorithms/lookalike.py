"""Look-alikes: accounts of different holders that share several kinds of evidence, each damped when many share it.

Shared device, phone, address, name, payees, payers and days of activity are joined as independent evidence; one thing
weighs 1 / log2(accounts that share it) (Adamic and Adar, "Friends and neighbors on the Web", 2003). Two kinds at least
are asked for: one alone is a house, a namesake or a landlord. See docs/detection/lookalike.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from algorithms import _flow as fl
from algorithms._accounts import passes_on
from algorithms._alike import KINDS, Pairs, alike, groups
from algorithms._base import Algorithm, Found, Member, Task
from algorithms._holders import holders
from algorithms._identity import identities
from algorithms._omitted import left_out, not_listed
from algorithms._pattern import MAX_MEMBERS, PatternParams, Scene, many, scene, weigh
from algorithms._projection import accounts
from algorithms._words import joined
from core.message import Said, say
from graph.port import GraphStore

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"likeness": 0.35, "kinds": 0.20, "many": 0.10, "passing": 0.35}


class LookalikeParams(PatternParams):
    """Parameters of look-alikes."""

    window_s: int = Field(6 * 3600, ge=60, description="Money passed on within this time passes through")
    min_likeness: float = Field(0.5, ge=0, le=1, description="Least likeness of two accounts")
    min_kinds: int = Field(2, ge=1, le=len(KINDS), description="Kinds of evidence two accounts share at least")
    identifier_cap: int = Field(
        20, ge=2, le=100, description="A device, phone, address or name of more accounts ties nobody"
    )
    partner_cap: int = Field(12, ge=2, le=60, description="A payee or payer of more accounts ties nobody")
    max_group: int = Field(200, ge=2, description="A larger group is a crowd and is left out")
    passed_share: float = Field(0.6, gt=0, le=1, description="Share of its income a mule passes on within the window")
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")


def find(task: Task, params: LookalikeParams) -> list[Found]:
    """One finding per group of look-alikes, most suspicious first. Cost: shared things x their cap squared."""
    here, identity = scene(task, params), identities(task.store)
    if not len(here.flow):
        return []
    n = here.money.table.n_accounts
    task.progress(0.4, "comparing accounts")
    names = _names(task.store)
    caps = (params.identifier_cap, params.partner_cap)
    pairs = alike(here, identity, names, holders(identity, n), caps)
    trade = here.hub[:n] | (here.flow.kind[:n] != fl.OTHER)
    close = np.asarray((pairs.likeness >= params.min_likeness) & (pairs.kinds >= params.min_kinds), np.bool_)
    strong = pairs.only(np.asarray(close & ~trade[pairs.a] & ~trade[pairs.b], np.bool_))
    passing = passes_on(here.money.table, window_s=params.window_s, share=params.passed_share)
    found, crowds = [], 0
    for group in groups(strong, n):
        if len(np.unique(np.concatenate([group.a, group.b]))) > params.max_group:
            crowds += 1
        else:
            found.append(_found(here, group, passing))
    good = sorted((f for f in found if f.score >= params.min_score), key=lambda f: (-f.score, f.members[0].id))
    left: list[str] = (
        [say("{n} groups of more than {most} accounts were left out as crowds", n=crowds, most=params.max_group)]
        if crowds
        else []
    )
    left += left_out(len(good), params.limit)
    for item in good[: params.limit]:
        item.details["omitted"].extend(left)
    return good[: params.limit]


def _names(store: GraphStore) -> Ints:
    """Number of each account's name among the names that occur; -1 for none."""
    column = store.scan_nodes("Account", ["id", "name"]).sort_by("id")["name"].combine_chunks()
    assert len(column) == accounts(store).num_rows
    encoded = pc.utf8_trim_whitespace(column).dictionary_encode()
    blank = {i for i, name in enumerate(encoded.dictionary.to_pylist()) if not name}
    numbers: Ints = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    return np.where(np.isin(numbers, list(blank)), -1, numbers) if blank else numbers


def _found(here: Scene, group: Pairs, passing: Bools) -> Found:
    table, who = here.money.table, np.unique(np.concatenate([group.a, group.b]))
    likeness = group.likeness
    signs = {
        "likeness": float(likeness.mean()), "kinds": min(1.0, (float(group.kinds.mean()) - 1) / 3),
        "many": many(len(who), 2), "passing": float(passing[who].mean()),
    }  # fmt: skip
    # Likeness alone is a family; it says something when the accounts also pass money on.
    score = round(weigh(signs, WEIGHTS) * (0.5 + 0.5 * signs["passing"]), 4)
    shared = {kind: int((group.by_kind[:, i] > 0.02).sum()) for i, kind in enumerate(KINDS)}
    shared = {kind: count for kind, count in shared.items() if count}
    best = {number: float(likeness[(group.a == number) | (group.b == number)].max()) for number in who.tolist()}
    members = [
        Member("Account", name, "sharer", None, round(score * best[number] * (1.0 if passing[number] else 0.5), 4), _why(best[number], bool(passing[number])))
        for number, name in zip(who.tolist(), table.accounts(who), strict=True)
    ]  # fmt: skip
    members.sort(key=lambda member: (-(member.score or 0), member.id))
    counts = [say("{kind} ({n})", kind=say(kind), n=count) for kind, count in shared.items()]
    reasons = [say("{n} pairs of different holders share: {counts}", n=len(group), counts=counts)]
    if signs["passing"] > 0:
        reasons.append(
            say("{percent:.0f}% of them pass on most of what they receive within hours", percent=100 * signs["passing"])
        )
    details: dict[str, Any] = {
        "accounts": len(who), "pairs": len(group), "shared": shared, "passing": int(passing[who].sum()),
        "signs": {name: round(value, 4) for name, value in signs.items()},
        "omitted": not_listed("members", len(members), MAX_MEMBERS),
    }  # fmt: skip
    return Found(
        say("{n} accounts alike in {kinds}", n=len(who), kinds=[say(kind) for kind in shared]), score, tuple(members[:MAX_MEMBERS]), tuple(reasons),
        tuple(_against(shared, signs)), details=details,
    )  # fmt: skip


def _why(likeness: float, passing: bool) -> Said:
    told = say("likeness {likeness:.2f} to another of the group", likeness=likeness)
    return joined([told, say("passes money on")]) if passing else told


def _against(shared: dict[str, int], signs: dict[str, float]) -> list[Said]:
    lines = []
    if signs["passing"] < 0.3:
        lines.append(say("few or none pass money on: a family or a shared flat looks alike too"))
    if not {"device", "phone"} & set(shared):
        lines.append(say("no device or phone is shared"))
    if "name" in shared:
        lines.append(say("a name may be a namesake's"))
    return lines


ALGORITHM = Algorithm("lookalike", "1.0", "Look-alike accounts that share evidence", LookalikeParams, find)
