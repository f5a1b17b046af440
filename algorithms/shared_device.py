"""Shared devices: accounts of different holders worked from the same devices, phones and addresses.

Grants-and-loans and mule investigations start from this: one operator signs in for many "customers" (FATF, "Professional
Money Laundering", 2018; Europol EMMA on mule herders). A thing shared by many is damped, by very many left out:
a family's tablet, an agency's phone, a carrier's address and an internet cafe are shared honestly. See docs/detection/shared_device.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from algorithms._accounts import passes_on
from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._flow_kernel import group, join
from algorithms._holders import first_use, holders
from algorithms._identity import IdentityTable, identities
from algorithms._omitted import left_out, not_listed
from algorithms._pattern import MAX_MEMBERS, many, weigh
from algorithms._projection import TransferTable, accounts, transfers
from algorithms._words import joined
from core.clock import DAY_MS
from core.message import Said, say
from graph.port import GraphStore

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.15, "rare": 0.20, "several": 0.15, "passing": 0.30, "fresh": 0.20}
#: How closely one thing ties its users, before damping; addresses by their kind.
TIES = {"Device": 1.0, "Phone": 0.9, "IP": 0.35}
ADDRESS_TIES = {
    "home": 0.35,
    "vpn": 0.3,
    "proxy": 0.3,
    "hosting": 0.6,
    "office": 0.05,
    "mobile": 0.0,
    "public_wifi": 0.0,
}


class SharedDeviceParams(Params):
    """Parameters of shared devices."""

    min_holders: int = Field(3, ge=2, description="Different holders that share a thing")
    damped_from: int = Field(8, ge=2, description="A thing ties its users less, the more holders above this share it")
    max_holders: int = Field(60, ge=2, description="A thing shared by more holders ties nobody")
    window_s: int = Field(6 * 3600, ge=60, description="Money passed on within this time passes through")
    passed_share: float = Field(0.6, gt=0, le=1, description="Share of its income a mule passes on within the window")
    min_units: float = Field(5.0, ge=0, description="Least income of a mule, in median payments of the currency")
    fresh_days: float = Field(100, ge=0, description="New: first used within so many days of the opening")
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report")


@dataclass(frozen=True, slots=True, eq=False)
class _Signs:
    """What is known of each account: its holder, whether it passes money on, whether it is new."""

    holder: Ints
    passing: NDArray[np.bool_]
    fresh: NDArray[np.bool_]


def find(task: Task, params: SharedDeviceParams) -> list[Found]:
    """One finding per set of things that the same accounts share, most suspicious first. Cost is linear in ties."""
    task.progress(0.0, "reading who uses what")
    table, identity = transfers(task.store), identities(task.store)
    if not len(identity.identifier):
        return []
    signs = _signs(task.store, table, identity, params)
    tie, shared_by = ties(task.store, identity, signs.holder, params)
    task.progress(0.5, "grouping what is shared")
    found = [_found(table, identity, part, signs, (tie, shared_by), params) for part in _clusters(identity, tie)]
    good = [item for item in found if item is not None and item.score >= params.min_score]
    good.sort(key=lambda item: (-item.score, item.members[0].id, item.title))
    left = left_out(len(good), params.limit)
    crowds = int((shared_by > params.max_holders).sum())
    if crowds:
        left.append(say("{n} things shared by more than {most} holders tie nobody", n=crowds, most=params.max_holders))
    for item in good[: params.limit]:
        item.details["omitted"].extend(left)
    return good[: params.limit]


def _signs(store: GraphStore, table: TransferTable, identity: IdentityTable, params: SharedDeviceParams) -> _Signs:
    n = table.n_accounts
    passing = passes_on(table, window_s=params.window_s, share=params.passed_share, min_units=params.min_units)
    opened = accounts(store)["opened_at_ms"].fill_null(-1).to_numpy()
    first = first_use(n, table.src, table.dst, table.at_ms)
    used = first < np.iinfo(np.int64).max
    fresh = used & (opened > 0) & (np.where(used, first, 0) - opened <= params.fresh_days * DAY_MS)
    return _Signs(holders(identity, n), passing, fresh)


def ties(store: GraphStore, identity: IdentityTable, holder: Ints, params: SharedDeviceParams) -> tuple[Floats, Ints]:
    """Of each identifier: how closely it ties its users (0 to 1, 0: not at all), and how many holders share it."""
    pairs = np.unique(identity.identifier.astype(np.int64) * (1 << 32) + holder[identity.account])
    shared_by = np.bincount(pairs >> 32, minlength=len(identity.degree)).astype(np.int64)
    base = np.array([TIES.get(kind, 0.0) for kind in identity.kinds])[identity.identifier_kind]
    if "IP" in identity.kinds:
        rows = store.scan_nodes("IP", ["id", "kind"])
        known = dict(zip(rows["id"].to_pylist(), rows["kind"].to_pylist(), strict=True))
        for place in np.flatnonzero(identity.identifier_kind == identity.kinds.index("IP")).tolist():
            kind = known.get(identity.identifier_ids[place].as_py())
            base[place] = ADDRESS_TIES.get(kind, TIES["IP"]) if kind else TIES["IP"]
    damped = np.minimum(1.0, params.damped_from / np.maximum(shared_by, 1))
    wanted = (shared_by >= params.min_holders) & (shared_by <= params.max_holders)
    return np.where(wanted, base * damped, 0.0), shared_by


def _clusters(identity: IdentityTable, tie: Floats) -> list[Ints]:
    """Rows of the identity table by set of things: two things are one set when the same two accounts use both."""
    rows = np.flatnonzero(tie[identity.identifier] > 0)
    if not len(rows):
        return []
    n_accounts = int(identity.account.max()) + 1
    start, order = group(identity.account[rows].astype(np.int64), n_accounts)
    firsts, seconds = [], []
    for account in np.flatnonzero(np.diff(start) > 1).tolist():
        things = np.sort(identity.identifier[rows[order[start[account] : start[account + 1]]]])[:50]
        left, right = np.triu_indices(len(things), 1)
        firsts.append(things[left])
        seconds.append(things[right])
    parent = np.arange(len(tie), dtype=np.int64)
    if firsts:
        pair, count = np.unique(
            np.concatenate(firsts).astype(np.int64) * (1 << 32) + np.concatenate(seconds), return_counts=True
        )
        both = pair[count >= 2]
        join(parent, both >> 32, both & 0xFFFFFFFF)
    root = parent[identity.identifier[rows]]
    rows = rows[np.argsort(root, kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(parent[identity.identifier[rows]])) + 1)


def _found(
    table: TransferTable, identity: IdentityTable, rows: Ints, known: _Signs, of_thing: tuple[Floats, Ints],
    params: SharedDeviceParams,
) -> Found | None:  # fmt: skip
    tie, shared_by = of_thing
    users, times = np.unique(identity.account[rows], return_counts=True)
    held = len(np.unique(known.holder[users]))
    if held < params.min_holders:
        return None
    things = np.unique(identity.identifier[rows])
    signs = {
        "many": many(held, params.min_holders), "rare": float(tie[things].max()),
        "several": float((times > 1).mean()), "passing": min(1.0, float(known.passing[users].mean()) / 0.5),
        "fresh": float(known.fresh[users].mean()),
    }  # fmt: skip
    # Sharing alone is a household; it says something only with money that passes or accounts made for it.
    score = weigh(signs, WEIGHTS) * (0.5 + 0.5 * max(signs["passing"], signs["fresh"]))
    score = round(score, 4)
    names = _names(identity, things.astype(np.int64))
    kinds = [kind for kind, _ in names]
    what = [say("{n} {kind}", n=kinds.count(kind), kind=say(kind)) for kind in dict.fromkeys(kinds)]
    members = _members(table, users.astype(np.int64), known, score) + [
        Member(
            kind,
            name,
            "shared_identifier",
            None,
            round(score * float(tie[thing]), 4),
            say("shared by {n} holders", n=int(shared_by[thing])),
        )
        for (kind, name), thing in zip(names, things.tolist(), strict=True)
    ]
    details: dict[str, Any] = {
        "holders": held, "accounts": len(users), "things": len(things), "passing": int(known.passing[users].sum()),
        "fresh": int(known.fresh[users].sum()), "signs": {name: round(value, 4) for name, value in signs.items()},
        "omitted": not_listed("members", len(members), MAX_MEMBERS),
    }  # fmt: skip
    return Found(
        say("{accounts} accounts of {holders} holders share {what}", accounts=len(users), holders=held, what=what), score, tuple(members[:MAX_MEMBERS]),
        tuple(_reasons(details, signs, what)), tuple(_against(kinds, details, shared_by[things], params)), details=details,
    )  # fmt: skip


def _names(identity: IdentityTable, things: Ints) -> list[tuple[str, str]]:
    return [
        (identity.kinds[int(identity.identifier_kind[thing])], identity.identifier_ids[thing].as_py())
        for thing in things.tolist()
    ]


def _members(table: TransferTable, users: Ints, known: _Signs, score: float) -> list[Member]:
    made = []
    for number, name in zip(users.tolist(), table.accounts(users), strict=True):
        passing, fresh = bool(known.passing[number]), bool(known.fresh[number])
        why = [
            text
            for flag, text in ((passing, say("passes money on")), (fresh, say("opened shortly before its first use")))
            if flag
        ]
        own = score * (1.0 if passing else 0.8 if fresh else 0.4)
        reason = joined(why) if why else say("shares the same things")
        made.append(Member("Account", name, "sharer", None, round(own, 4), reason))
    return sorted(made, key=lambda member: (-(member.score or 0), member.id))


def _reasons(details: dict[str, Any], signs: dict[str, float], what: list[Said]) -> list[Said]:
    lines = [say("{n} different holders sign in with the same {what}", n=details["holders"], what=what)]
    if n := details["passing"]:
        lines.append(
            say("{n} of {all} accounts pass on most of what they receive within hours", n=n, all=details["accounts"])
        )
    if n := details["fresh"]:
        lines.append(
            say("{n} of {all} accounts were opened shortly before their first use", n=n, all=details["accounts"])
        )
    if signs["several"] > 0.3:
        lines.append(say("{percent:.0f}% of the accounts share more than one thing", percent=100 * signs["several"]))
    return lines


def _against(kinds: list[str], details: dict[str, Any], shared_by: Ints, params: SharedDeviceParams) -> list[Said]:
    lines = []
    if not details["passing"]:
        lines.append(say("none of the accounts passes money on: a family or a firm may share a terminal"))
    if set(kinds) == {"IP"}:
        lines.append(say("they share addresses only: a house, an office or a tunnel may be all they have in common"))
    if (most := int(shared_by.max())) > params.damped_from:
        lines.append(say("one thing is shared by {n} holders, as a counter's or an agency's is", n=most))
    return lines


ALGORITHM = Algorithm(
    "shared_device", "1.0", "Devices, phones and addresses shared by holders", SharedDeviceParams, find
)
