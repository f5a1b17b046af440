"""SIM farms: many SIM cards worked from one device (a GoIP gateway or SIM box), or one SIM moved through many devices.

A GoIP box lets callers abroad ring as local numbers; China's 2022 law against telecom and online fraud (article 14) forbids
such boxes. Signs are those of SIM-box detection by call records (Murynets et al., "Analysis and Detection of SIMbox
Fraud in Mobility Networks", INFOCOM 2014): many numbers on one terminal, calls outwards, hardly ever called back,
a new number each time. See docs/detection/sim_farm.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from algorithms._base import Algorithm, Found, Member, Params, Task
from algorithms._contacts import Contacts, Lines, contacts, lines
from algorithms._flow_kernel import group
from algorithms._omitted import left_out, not_listed
from algorithms._pattern import MAX_EVIDENCE, MAX_MEMBERS, many, weigh
from algorithms._projection import scan_edges, transfers
from core.clock import DAY_MS
from core.message import Said, say
from graph.port import GraphStore

Ints = NDArray[np.int64]
#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.25, "box": 0.20, "outward": 0.15, "unanswered": 0.20, "spread": 0.10, "together": 0.10}
#: A firm's own numbers on its own exchange keep this share of the score.
_FIRM_SHARE = 0.3
#: Kinds of device as the schema names them.
KINDS = ("phone", "computer", "pos", "goip", "other")


class SimFarmParams(Params):
    """Parameters of SIM farms."""

    min_sims: int = Field(3, ge=2, description="SIM cards on one device (two are a usual handset)")
    min_devices: int = Field(5, ge=2, description="Devices that one SIM was moved through")
    together_days: float = Field(30, ge=0, description="Activated together: within so many days")
    min_contacts: int = Field(5, ge=1, description="With fewer calls and texts the talk says nothing")
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")
    limit: int = Field(1_000, ge=1, description="Most suspicious findings to report")


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """Which SIM sat in which device: pairs, and the names and traits of both."""

    phone: Ints
    device: Ints
    phone_ids: pa.Array
    device_ids: pa.Array
    activated_ms: dict[str, int]
    device_kind: dict[str, str]
    of_firm: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class _Talk:
    """Rows of contacts by calling and called phone, and what `_signs` counts in them."""

    here: Contacts
    out_start: Ints
    out_rows: Ints
    in_start: Ints
    in_rows: Ints


def find(task: Task, params: SimFarmParams) -> list[Found]:
    """One finding per device with many SIMs and per SIM with many devices, most suspicious first. Linear in contacts."""
    task.progress(0.0, "reading SIM cards and devices")
    uses = sim_uses(task.store)
    if not len(uses.phone):
        return []
    here, answers = contacts(task.store), lines(task.store)
    talk = _Talk(
        here, *group(here.src.astype(np.int64), here.n_phones), *group(here.dst.astype(np.int64), here.n_phones)
    )
    task.progress(0.5, "counting SIM cards and calls")
    names = transfers(task.store)
    found = []
    for boxed, keys, others, least in (
        (True, uses.device, uses.phone, params.min_sims), (False, uses.phone, uses.device, params.min_devices),
    ):  # fmt: skip
        start, order = group(keys, int(keys.max()) + 1)
        for key in np.flatnonzero(np.diff(start) >= least).tolist():
            part = others[order[start[key] : start[key + 1]]]
            sims, devices = (part, np.array([key])) if boxed else (np.array([key]), part)
            accounts = _registered(answers, uses, sims)
            made = _found(uses, talk, (sims, devices), boxed, params)
            found.append(_with_accounts(made, names.accounts(accounts)))
    good = sorted(
        (item for item in found if item.score >= params.min_score), key=lambda item: (-item.score, item.members[0].id)
    )
    for item in good[: params.limit]:
        item.details["omitted"].extend(left_out(len(good), params.limit))
    return good[: params.limit]


def sim_uses(store: GraphStore) -> Uses:
    """Which SIM sat in which device. Cost is linear in such ties."""
    edges = scan_edges(store, "USED_DEVICE", (), ("Phone", "Device"))
    pairs = np.unique(
        edges.table["from_pos"].to_numpy().astype(np.int64) * (1 << 32) + edges.table["to_pos"].to_numpy()
    )
    phones, devices = store.scan_nodes("Phone", ["id", "activated_at_ms"]), store.scan_nodes("Device", ["id", "kind"])
    firms = store.scan_rels("OWNS", [], ("Organization", "Phone"))
    return Uses(
        pairs >> 32, pairs & 0xFFFFFFFF, edges.from_ids, edges.to_ids,
        {name: at for name, at in zip(phones["id"].to_pylist(), phones["activated_at_ms"].to_pylist(), strict=True) if at is not None},
        {name: kind for name, kind in zip(devices["id"].to_pylist(), devices["kind"].to_pylist(), strict=True) if kind},
        frozenset(firms["to_id"].to_pylist()),
    )  # fmt: skip


def _registered(answers: Lines, uses: Uses, sims: Ints) -> Ints:
    """Accounts that answer to these SIMs."""
    place = pc.index_in(uses.phone_ids.take(pa.array(sims)), value_set=answers.phone_ids)
    return np.unique(answers.account[np.isin(answers.phone, place.drop_null().to_numpy())])


def _signs(
    uses: Uses, talk: _Talk, sims: Ints, devices: Ints, boxed: bool, params: SimFarmParams
) -> tuple[dict[str, float], dict[str, Any], Ints]:
    """Signs, figures, and the rows of calls and texts that these SIMs made, in order of time."""
    here, names = talk.here, uses.phone_ids.take(pa.array(sims))
    numbers = here.number_of(names)
    numbers = numbers[numbers >= 0]
    out = np.sort(_rows(talk.out_start, talk.out_rows, numbers))
    came = _rows(talk.in_start, talk.in_rows, numbers)
    called = np.unique(here.dst[out])
    back = np.intersect1d(called, here.src[came])
    enough = len(out) >= params.min_contacts
    times = sorted(uses.activated_ms[name] for name in names.to_pylist() if name in uses.activated_ms)
    kinds = [uses.device_kind.get(name, "") for name in uses.device_ids.take(pa.array(devices)).to_pylist()]
    signs = {
        "many": many(len(sims), params.min_sims) if boxed else many(len(devices), params.min_devices),
        "box": float("goip" in kinds),
        "outward": len(out) / max(len(out) + len(came), 1) if enough else 0.0,
        "unanswered": 1.0 - len(back) / max(len(called), 1) if enough else 0.0,
        "spread": len(called) / len(out) if enough else 0.0,
        "together": _together(times, params.together_days * DAY_MS),
    }
    of_firm = sum(name in uses.of_firm for name in names.to_pylist())
    figures = {
        "sims": len(sims), "devices": len(devices), "device_kinds": sorted(set(kinds) - {""}), "contacts": len(out), "called": len(called),
        "called_back": len(back), "of_firm": of_firm,
    }  # fmt: skip
    return signs, figures, out


def _rows(start: Ints, rows: Ints, numbers: Ints) -> Ints:
    parts = [rows[start[number] : start[number + 1]] for number in numbers.tolist()]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _together(times: list[int], span_ms: float) -> float:
    """Largest share of the activations that lie within the span; 0 with fewer than two known."""
    if len(times) < 2:
        return 0.0
    ends = np.searchsorted(times, np.array(times) + span_ms, side="right") - np.arange(len(times))
    return float(ends.max()) / len(times) if ends.max() > 1 else 0.0


def _found(uses: Uses, talk: _Talk, things: tuple[Ints, Ints], boxed: bool, params: SimFarmParams) -> Found:
    sims, devices = things
    signs, figures, out = _signs(uses, talk, sims, devices, boxed, params)
    firm = 2 * figures["of_firm"] >= len(sims)
    score = round(weigh(signs, WEIGHTS) * (_FIRM_SHARE if firm else 1.0), 4)
    phones, boxes = (
        array.take(pa.array(part)).to_pylist() for array, part in ((uses.phone_ids, sims), (uses.device_ids, devices))
    )
    title = (
        say("{n} SIM cards on one device", n=len(sims))
        if boxed
        else say("one SIM card moved through {n} devices", n=len(devices))
    )
    members = [Member("Device", name, "sim_box", None, score, _kind(uses.device_kind.get(name, ""))) for name in boxes]
    members += [
        Member("Phone", name, "caller", None, score, say("worked from it") if boxed else say("moved through them"))
        for name in phones
    ]
    here = talk.here
    omitted = not_listed("calls and texts", len(out), MAX_EVIDENCE) + not_listed("members", len(members), MAX_MEMBERS)
    return Found(
        title, score, tuple(members[:MAX_MEMBERS]), tuple(_reasons(figures, signs, title)), tuple(_against(figures, signs, firm, params)),
        here.events(out[:MAX_EVIDENCE]), None, None,
        int(here.at_ms[out[0]]) if len(out) else None, int(here.at_ms[out[-1]]) if len(out) else None,
        {**figures, "signs": {name: round(value, 4) for name, value in signs.items()}, "omitted": omitted},
    )  # fmt: skip


def _kind(kind: str) -> str:
    """A device's kind; one that the schema does not name is data."""
    return say(kind) if kind in KINDS else kind


def _with_accounts(found: Found, accounts: tuple[str, ...]) -> Found:
    """The finding with the accounts that are registered with its SIMs."""
    own = round(found.score * 0.8, 4)
    reason = say("answers to one of its numbers")
    made = tuple(Member("Account", name, "sharer", None, own, reason) for name in accounts)
    return replace(found, members=(*found.members, *made)[:MAX_MEMBERS])


def _reasons(figures: dict[str, Any], signs: dict[str, float], title: Said) -> list[Said]:
    lines = [title]
    if signs["box"]:
        lines.append(say("the device is known as a GoIP gateway"))
    if signs["unanswered"] > 0.7:
        lines.append(
            say(
                "of {called} numbers called or texted {back} ever called back",
                called=figures["called"],
                back=figures["called_back"],
            )
        )
    if signs["outward"] > 0.8:
        lines.append(say("{percent:.0f}% of the calls and texts go outwards", percent=100 * signs["outward"]))
    if signs["together"] > 0.5:
        lines.append(say("the cards were activated together"))
    return lines


def _against(figures: dict[str, Any], signs: dict[str, float], firm: bool, params: SimFarmParams) -> list[Said]:
    lines = []
    if firm:
        lines.append(say("the numbers belong to an organization: a firm's exchange works like this"))
    if (n := figures["contacts"]) < params.min_contacts:
        lines.append(say("only {n} calls and texts are known: how it is used cannot be told", n=n))
    elif signs["unanswered"] < 0.5:
        lines.append(say("many of the called call back, as friends and customers do"))
    return lines


ALGORITHM = Algorithm("sim_farm", "1.0", "SIM farms: many SIMs on one device, one SIM on many", SimFarmParams, find)
