"""Call, then pay: an unknown number calls for long, and soon after the called person first pays somebody new.

The order of events in telephone fraud (Europol, "Internet Organised Crime Threat Assessment", on vishing; UK Finance,
"Annual Fraud Report", on authorised push payments). One such pair happens in every life; victims of the
same caller or payee do not. See docs/detection/call_then_pay.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from algorithms import _flow as fl
from algorithms._base import Algorithm, Found, Member, Task
from algorithms._contacts import Contacts, contacts, lines
from algorithms._flow_kernel import group
from algorithms._pattern import Candidate, PatternParams, Scene, Text, many, report, scene, weigh
from core.message import Amount, say
from graph.port import GraphStore

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"victims": 0.30, "one_way": 0.20, "long": 0.15, "unlike": 0.20, "soon": 0.15}
_MINUTE_MS = 60_000
_FIRM_SHARE = 0.4


class CallThenPayParams(PatternParams):
    """Parameters of call, then pay."""

    window_s: int = Field(72 * 3600, ge=60, description="From the end of the call to the payment")
    min_call_s: int = Field(60, ge=1, description="Length of a call that persuades")
    courtship_s: int = Field(
        7 * 86_400,
        ge=0,
        description="Longest time the caller is known before the call: earlier contact is an acquaintance",
    )
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """A payment (row of the flow) and the call (row of the contacts) before it."""

    pay: Ints
    call: Ints


def find(task: Task, params: CallThenPayParams) -> list[Found]:
    """One finding per payee that was first paid after unknown calls, most suspicious first.

    Cost: calls and transfers, each sorted once; payments are looked for only after calls that count.
    """
    here = scene(task, params)
    talk = contacts(task.store)
    if not len(here.flow) or not len(talk):
        return []
    task.progress(0.4, "looking for unknown calls")
    calls = _unknown_calls(talk, params)
    pairs = _first_payments(task.store, here, talk, calls, params)
    if not len(pairs.pay):
        return []
    one_way, firm = _callers(task.store, talk)
    usual = _usual(here)
    start, order = group(here.flow.dst[pairs.pay], here.flow.n_nodes)
    made, said = [], dict[int, tuple[Ints, Ints]]()
    for payee in np.flatnonzero(np.diff(start)).tolist():
        part = order[start[payee] : start[payee + 1]]
        for currency in np.unique(here.flow.currency[pairs.pay[part]]).tolist():
            some = part[here.flow.currency[pairs.pay[part]] == currency]
            item = _candidate(here, talk, (pairs.pay[some], pairs.call[some]), (one_way, firm, usual), params)
            said[id(item)] = (pairs.pay[some], pairs.call[some])
            made.append(item)
    kept: list[Candidate] = []

    def words(candidate: Candidate) -> Text:
        kept.append(candidate)
        return _words(here, candidate)

    found = report(here, made, params, words)
    return [_with_calls(item, talk, said[id(which)][1]) for item, which in zip(found, kept, strict=True)]


def _unknown_calls(talk: Contacts, params: CallThenPayParams) -> Ints:
    """Rows of long calls by a number that the called had not met before `courtship_s`, and never rang of its own accord."""
    low, high = np.minimum(talk.src, talk.dst).astype(np.int64), np.maximum(talk.src, talk.dst)
    pair = low * talk.n_phones + high
    _, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    met = talk.at_ms[first][inverse]
    opened_by = talk.src[first][inverse]
    wanted = talk.is_call & (talk.length_s >= params.min_call_s) & (opened_by == talk.src)
    wanted &= talk.at_ms - met <= params.courtship_s * 1000
    # Somebody who ever calls back is no stranger.
    returned = np.zeros(len(first), np.bool_)
    returned[inverse[talk.src != opened_by]] = True
    return np.flatnonzero(wanted & ~returned[inverse])


def _first_payments(store: GraphStore, here: Scene, talk: Contacts, calls: Ints, params: CallThenPayParams) -> _Pairs:
    """First payments of an account to a payee within the window after a call to a phone of its holder."""
    flow, answers = here.flow, lines(store)
    pair = flow.src * flow.n_nodes + flow.dst
    first = np.unique(pair, return_index=True)[1]
    closed = here.hub | (flow.kind != fl.OTHER)
    first = np.sort(first[~closed[flow.dst[first]] & (flow.src[first] != flow.dst[first])])
    by_payer, payments = group(flow.src[first], flow.n_nodes)
    place = talk.number_of(answers.phone_ids)
    number_of = np.full(talk.n_phones, -1, np.int64)
    number_of[place[place >= 0]] = np.flatnonzero(place >= 0)
    bounds = np.searchsorted(answers.phone, np.arange(len(answers.phone_ids) + 1))
    best: dict[int, int] = {}
    for call in calls.tolist():  # in order of time: the latest call before a payment stands
        line = int(number_of[talk.dst[call]])
        if line < 0:
            continue
        ends = int(talk.at_ms[call] + 1000 * talk.length_s[call])
        for account in answers.account[bounds[line] : bounds[line + 1]].tolist():
            rows = first[payments[by_payer[account] : by_payer[account + 1]]]
            lo = np.searchsorted(flow.at_ms[rows], ends)
            hi = np.searchsorted(flow.at_ms[rows], ends + params.window_s * 1000, side="right")
            for row in rows[lo:hi].tolist():
                best[row] = call
    pays = np.array(sorted(best), np.int64)
    return _Pairs(pays, np.array([best[row] for row in pays.tolist()], np.int64))


def _callers(store: GraphStore, talk: Contacts) -> tuple[Floats, NDArray[np.bool_]]:
    """Of each phone: the share of numbers it called that never called back, damped for few; whether a firm owns it."""
    out = np.unique(talk.src.astype(np.int64) * talk.n_phones + talk.dst)
    back = np.isin(out, np.unique(talk.dst.astype(np.int64) * talk.n_phones + talk.src))
    called = np.bincount(out // talk.n_phones, minlength=talk.n_phones)
    answered = np.bincount((out // talk.n_phones)[back], minlength=talk.n_phones)
    one_way = (called - answered) / np.maximum(called, 1) * np.minimum(1.0, called / 5)
    firms = store.scan_rels("OWNS", [], ("Organization", "Phone"))["to_id"].combine_chunks()
    firm = pc.is_in(talk.phone_ids, value_set=firms).to_numpy(zero_copy_only=False)
    return one_way, firm


def _usual(here: Scene) -> Floats:
    """Of each payment: the mean of what its payer had paid before in that currency; 0 for the first."""
    flow = here.flow
    keys = here.purse(flow.src, flow.currency)
    start, order = group(keys, len(here.sent) + 1)
    total = np.concatenate([[0.0], np.cumsum(flow.amount[order].astype(np.float64))])
    place = np.arange(len(order))
    first = start[keys[order]]
    usual: Floats = np.zeros(len(flow), np.float64)
    usual[order] = (total[place] - total[first]) / np.maximum(place - first, 1)
    return usual


def _candidate(
    here: Scene,
    talk: Contacts,
    pairs: tuple[Ints, Ints],
    known: tuple[Floats, NDArray[np.bool_], Floats],
    params: CallThenPayParams,
) -> Candidate:
    flow, (pay, call), (one_way, firm, usual) = here.flow, pairs, known
    payee, currency = int(flow.dst[pay[0]]), int(flow.currency[pay[0]])
    payers, callers = np.unique(flow.src[pay]), np.unique(talk.src[call])
    gap = flow.at_ms[pay] - talk.at_ms[call] - 1000 * talk.length_s[call]
    ratio = np.where(usual[pay] > 0, flow.amount[pay] / np.maximum(usual[pay], 1.0), 1.0)
    # Only a share of all who pay it: a shop's customers are called by somebody too.
    every = len(np.unique(flow.src[flow.dst == payee]))
    signs = {
        "victims": many(len(payers), 2) * min(1.0, 2 * len(payers) / every) if len(payers) > 1 else 0.0,
        "one_way": float(one_way[talk.src[call]].mean()),
        "long": float(np.clip(np.log(talk.length_s[call] / params.min_call_s) / np.log(30), 0, 1).mean()),
        "unlike": float(np.clip((ratio - 1) / 4, 0, 1).mean()),
        "soon": float(1 - np.sqrt(np.clip(gap / (params.window_s * 1000), 0, 1)).mean()),
    }
    of_firms = float(firm[talk.src[call]].mean())
    score = weigh(signs, WEIGHTS, here.busy_share([payee])) * (1 - (1 - _FIRM_SHARE) * of_firms)
    figures = {
        "victims": len(payers), "callers": len(callers), "payers_in_all": every, "calls_of_firms": round(of_firms, 3),
        "longest_call_s": int(talk.length_s[call].max()), "median_gap_min": round(float(np.median(gap)) / _MINUTE_MS, 1),
    }  # fmt: skip
    amount = int(flow.amount[pay].sum())
    return Candidate(pay, currency, amount, score, signs, {"payee": [payee], "victim": payers.tolist()}, figures)


def _words(here: Scene, candidate: Candidate) -> Text:
    figures, signs = candidate.figures, candidate.signs
    money = Amount(candidate.amount, here.money.currencies[candidate.currency])
    minutes, gap_h = figures["longest_call_s"] / 60, figures["median_gap_min"] / 60
    reasons: list[str] = [
        say(
            "{n} payers were called by an unknown number (up to {minutes:,.0f} minutes) and then first paid it, {hours:,.1f} hours later (median)",
            n=figures["victims"],
            minutes=minutes,
            hours=gap_h,
        )
    ]
    if signs["one_way"] > 0.7:
        reasons.append(say("the callers ring many numbers that never call back"))
    if signs["unlike"] > 0.5:
        reasons.append(say("the sums are far above what the payers usually pay"))
    return Text(
        say("{money} first paid after unknown calls by {n} payers", money=money, n=figures["victims"]),
        reasons, _against(here, candidate), {"victim": 0, "payee": 1}, {"victim": 0.1},
        lambda role, _: reasons[0] if role == "payee" else say("was called, then paid"),
    )  # fmt: skip


def _against(here: Scene, candidate: Candidate) -> list[str]:
    figures, lines = candidate.figures, [*here.busy_lines(candidate.nodes["payee"])]
    if figures["victims"] == 1:
        lines.append(say("one payer only: a call and a new payee within days happen in any life"))
    if figures["calls_of_firms"] > 0:
        lines.append(
            say(
                "{percent:.0f}% of the calls are from an organization's number", percent=100 * figures["calls_of_firms"]
            )
        )
    if (others := figures["payers_in_all"] - figures["victims"]) > figures["victims"]:
        lines.append(say("{n} others paid it without such a call", n=others))
    return lines


def _with_calls(found: Found, talk: Contacts, calls: Ints) -> Found:
    """The finding with its callers and the calls as evidence."""
    rows = np.unique(calls)
    callers = talk.phones(np.unique(talk.src[rows]))
    score, reason = round(found.score * 0.9, 4), say("called before the payments")
    made = tuple(Member("Phone", name, "caller", None, score, reason) for name in callers)
    starts = min(found.starts_ms or 0, int(talk.at_ms[rows].min()))
    return replace(
        found, members=(*found.members, *made), evidence_ids=(*found.evidence_ids, *talk.events(rows)), starts_ms=starts
    )


ALGORITHM = Algorithm("call_then_pay", "1.0", "Unknown call, then a first payment", CallThenPayParams, find)
