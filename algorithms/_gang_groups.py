"""Gangs as groups of accounts that likely take part, tied by money that passes and things they share; and who belongs to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from algorithms import _flow as fl
from algorithms._base import Task
from algorithms._contacts import Contacts, Lines, contacts, lines
from algorithms._holders import holders
from algorithms._identity import IdentityTable, identities
from algorithms._network import amount_units
from algorithms._passthrough import pass_through
from algorithms._pattern import PatternParams, Scene, scene
from algorithms.engines import local
from algorithms.role_model.features import WINDOW_S
from algorithms.roles import Roles, roles_of
from algorithms.shared_device import SharedDeviceParams, ties
from algorithms.sim_farm import Uses, sim_uses

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: A thing that ties its users at least so closely belongs to the gang.
_TIE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What gangs are found in: roles, money, things and calls of one projection."""

    roles: Roles
    here: Scene
    identity: IdentityTable
    tie: Floats
    talk: Contacts
    answers: Lines
    uses: Uses
    units: Floats
    relayed: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One gang by numbers: accounts, victims, payments taken (rows of the transfer table), things (identifiers), callers (phones of the contacts)."""

    accounts: Ints
    victims: Ints
    taken: Ints
    things: Ints
    callers: Ints


def ground(task: Task) -> Ground:
    """Everything gangs are made of. Cost is linear in transfers, calls and ties."""
    here, identity = scene(task, PatternParams()), identities(task.store)
    table = here.money.table
    tie, _ = ties(task.store, identity, holders(identity, table.n_accounts), SharedDeviceParams(min_holders=2))
    relayed = pass_through(table, window_s=WINDOW_S).relayed.astype(np.float64)
    return Ground(
        roles_of(task),
        here,
        identity,
        tie,
        contacts(task.store),
        lines(task.store),
        sim_uses(task.store),
        amount_units(table),
        relayed,
    )


def groups(on: Ground, least: float, min_members: int, resolution: float, seed: int) -> list[Group]:
    """Gangs in order of their first account. Accounts below `least` in taking part, or with thin evidence, found none."""
    part = (on.roles.taking_part >= least) & ~on.roles.figures.thin
    core = np.flatnonzero(part)
    if len(core) < min_members:
        return []
    number = np.full(len(part), -1, np.int64)
    number[core] = np.arange(len(core))
    edges = _edges(on, number, len(core))
    community = local.leiden(edges, resolution=resolution, seed=seed, passes=2)
    pieces = local.components(edges)  # an account without any tie stands alone, whatever its community
    key = community.astype(np.int64) * (int(pieces.max(initial=0)) + 1) + pieces
    _, of = np.unique(key, return_inverse=True)
    made = [core[of == place] for place in range(int(of.max()) + 1)]
    found = [_group(on, accounts, part) for accounts in made if len(accounts) >= min_members]
    return sorted(found, key=lambda group: int(group.accounts[0]))


def _edges(on: Ground, number: Ints, count: int) -> local.Edges:
    table = on.here.money.table
    a, b = number[table.src], number[table.dst]
    inside = (a >= 0) & (b >= 0) & (a != b)
    weight = np.log1p(on.units[inside]) * (0.3 + on.relayed[inside])
    rows = (
        (number[on.identity.account] >= 0) & (on.tie[on.identity.identifier] >= _TIE)
        if len(on.identity.identifier)
        else np.zeros(0, np.bool_)
    )
    thing, who = on.identity.identifier[rows], number[on.identity.account[rows]]
    firsts, seconds, ties_ = [], [], []
    for key in np.unique(thing).tolist():
        users = who[thing == key]
        left, right = np.triu_indices(len(users), 1)
        firsts.append(users[left])
        seconds.append(users[right])
        ties_.append(np.full(len(left), 2.0 * float(on.tie[key])))
    first = np.concatenate([a[inside], *firsts]).astype(np.int32)
    second = np.concatenate([b[inside], *seconds]).astype(np.int32)
    return local.collapse(count, first, second, np.concatenate([weight, *ties_]))


def _group(on: Ground, accounts: Ints, part: Bools) -> Group:
    table, flow = on.here.money.table, on.here.flow
    mine = np.zeros(table.n_accounts, np.bool_)
    mine[accounts] = True
    strange = np.zeros(len(table), np.bool_)
    plain = on.here.money.origin < len(table)
    strange[on.here.money.origin[plain]] = on.here.strange[plain]
    # Victims: no part of any gang, a first payment that then went on, no hub, shop, exchange or cash point.
    outside = ~part & ~on.here.hub[: table.n_accounts] & (flow.kind[: table.n_accounts] == fl.OTHER)
    firm = on.roles.figures.column("is_firm") > 0
    taken = np.flatnonzero(
        mine[table.dst] & outside[table.src] & ~firm[table.src] & strange & (on.relayed >= 0.5) & (on.units >= 0.5)
    )
    victims = np.unique(table.src[taken]).astype(np.int64)
    rows = (
        mine[on.identity.account] & (on.tie[on.identity.identifier] >= _TIE)
        if len(on.identity.identifier)
        else np.zeros(0, np.bool_)
    )
    thing, users = np.unique(on.identity.identifier[rows], return_counts=True)
    things = thing[users >= 2].astype(np.int64)
    return Group(accounts, victims, taken, things, _callers(on, victims, things))


def _callers(on: Ground, victims: Ints, things: Ints) -> Ints:
    """Phones that called or texted at least two victims, a tenth or more of all they contacted, and were never called back.

    With them the SIMs that sit in one device of three or more SIMs with one of them, or with a phone the gang shares.
    """
    talk = on.talk
    if not len(talk) or not len(on.answers.phone):
        return np.zeros(0, np.int64)
    place = talk.number_of(on.answers.phone_ids)
    phones = place[on.answers.phone[np.isin(on.answers.account, victims)]]
    reached = np.isin(talk.dst, phones[phones >= 0])
    back = np.unique(talk.dst[np.isin(talk.src, phones[phones >= 0])])
    pairs = np.unique(talk.src.astype(np.int64) * talk.n_phones + talk.dst)
    contacted = np.bincount(pairs // talk.n_phones, minlength=talk.n_phones)
    hits = np.unique(talk.src[reached].astype(np.int64) * talk.n_phones + talk.dst[reached])
    victims_called = np.bincount(hits // talk.n_phones, minlength=talk.n_phones)
    called = (victims_called >= 2) & (victims_called >= 0.1 * contacted)
    called[back] = False
    own = [
        on.identity.identifier_ids[thing].as_py()
        for thing in things.tolist()
        if on.identity.kinds[int(on.identity.identifier_kind[thing])] == "Phone"
    ]
    return _with_boxes(on, np.flatnonzero(called), talk.number_of(pa.array(own, pa.string())))


def _with_boxes(on: Ground, callers: Ints, own: Ints) -> Ints:
    uses, talk = on.uses, on.talk
    if not len(uses.phone):
        return callers
    number = talk.number_of(uses.phone_ids)[uses.phone]
    held = np.bincount(uses.device)
    seeds = np.isin(number, np.concatenate([callers, own[own >= 0]]))
    boxes = np.unique(uses.device[seeds & (held[uses.device] >= 3)])
    inside = number[np.isin(uses.device, boxes)]
    return np.union1d(callers, inside[inside >= 0]).astype(np.int64)
