"""Pass-through accounts: what comes in goes out again within minutes, and next to nothing stays.

What FinCEN's advisory on money mules (FIN-2020-A003, 2020) warns of, and the mark of AMLworld's intermediaries (Altman
et al., NeurIPS 2023). Unlike in mule_chain one account is looked at by itself, over its whole history. See docs/detection/pass_through.md.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from algorithms import _flow_kernel as kernel
from algorithms._base import Algorithm, Found, Task
from algorithms._pattern import Candidate, Scene, Text, amount, many, report, scene, weigh
from algorithms._steps import StepParams, Steps, stay_ms, step_signs, steps
from core.clock import DAY_MS
from core.message import say

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.10, "dedicated": 0.25, "whole": 0.15, "swift": 0.15, "strangers": 0.15, "burst": 0.20}
#: Passes within so many days are one burst: a mule account is used up, a trade goes on.
_BURST_DAYS = 3


class PassThroughParams(StepParams):
    """Parameters of pass-through accounts."""

    window_s: int = Field(3_600, ge=0, description="Longest stay of the money")
    max_retained_share: float = Field(0.1, ge=0, le=1, description="Largest share that stays behind")
    min_passes: int = Field(3, ge=1, description="Least payments that came in and went on")
    min_payers: int = Field(2, ge=1, description="Least different payers of them")
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")


def find(task: Task, params: PassThroughParams) -> list[Found]:
    """One finding per account and currency, most suspicious first. Cost is linear in transfers."""
    here = scene(task, params)
    task.progress(0.4, "matching payments out to payments in")
    some = steps(here, params)
    # Money sent straight back to its payer is a refund.
    some = some.only(some.source != some.sink)
    if not len(some):
        return []
    keys = np.unique(here.purse(some.middle, some.currency), return_inverse=True)[1].astype(np.int64)
    start, order = kernel.group(keys, int(keys.max()) + 1)
    made = []
    for key in np.flatnonzero(np.diff(start) >= params.min_passes).tolist():
        part = some.only(order[start[key] : start[key + 1]])
        if len(np.unique(part.lot)) >= params.min_passes and len(np.unique(part.source)) >= params.min_payers:
            made.append(_candidate(here, part, params))
    return report(here, made, params, lambda candidate: _words(here, candidate))


def _candidate(here: Scene, some: Steps, params: PassThroughParams) -> Candidate:
    flow, middle = here.flow, int(some.middle[0])
    lots, outs = np.unique(some.lot), np.unique(some.pays)
    payers, payees = np.unique(some.source), np.unique(some.sink)
    signs = step_signs(here, some, params.window_s * 1000)
    signs["many"] = many(len(lots), params.min_passes)
    days = flow.at_ms[lots] // DAY_MS
    # Lots are in order of time.
    signs["burst"] = float((np.searchsorted(days, days + _BURST_DAYS) - np.arange(len(days))).max()) / len(days)
    # The same payees again and again are a trade (rent to an owner); the same back and forth is a quarrel over a bill.
    back = len(np.intersect1d(payers, payees)) / len(payees)
    amount = int(flow.amount[lots].sum())
    figures = {
        "passes": len(lots), "payers": len(payers), "payees": len(payees), "came_minor": amount,
        "went_minor": int(flow.amount[outs].sum()), "retained_share": round(1.0 - signs["whole"], 4),
        "median_stay_s": round(stay_ms(here, some) / 1000, 1), "paid_back_share": round(back, 4),
        "active_days": len(np.unique(days)),
    }  # fmt: skip
    score = weigh(signs, WEIGHTS, here.busy_share([middle])) * (1.0 - 0.5 * back)
    nodes = {"mule": [middle], "payer": payers.tolist(), "payee": np.setdiff1d(payees, payers).tolist()}
    return Candidate(some.rows, int(some.currency[0]), amount, score, signs, nodes, figures)


def _words(here: Scene, candidate: Candidate) -> Text:
    figures, signs = candidate.figures, candidate.signs
    money, kept = amount(here, candidate), figures["retained_share"]
    reasons: list[str] = [
        say(
            "{n} payments, {money} in all, went on after {minutes:,.0f} minutes (median); {kept:.1%} stayed",
            n=figures["passes"], money=money, minutes=figures["median_stay_s"] / 60, kept=kept,
        )
    ]  # fmt: skip
    told = {"mule": reasons[0], "payer": say("paid in"), "payee": say("was paid from it")}
    if signs["dedicated"] > 0.5:
        reasons.append(say("{share:.0%} of all it ever received was passed on like this", share=signs["dedicated"]))
    if signs["strangers"] > 0.9:
        reasons.append(say("almost none of payers and payees had dealt with it before"))
    against = here.busy_lines(candidate.nodes["mule"]) + here.known_lines(candidate.rows)
    if signs["burst"] < 0.5:
        against.append(say("it goes on over {n} separate days, as a trade or an agency does", n=figures["active_days"]))
    if signs["dedicated"] < 0.2:
        against.append(say("it mostly does other things: little of what it receives is passed on like this"))
    if figures["paid_back_share"] > 0:
        against.append(
            say("{share:.0%} of the payees are payers too: refunds or shared bills", share=figures["paid_back_share"])
        )
    return Text(
        say(
            "{money} from {payers} payers passed on to {payees}, {kept:.1%} kept",
            money=money, payers=figures["payers"], payees=figures["payees"], kept=kept,
        ),
        reasons,
        against,
        {"payer": 0, "mule": 1, "payee": 2},
        {"payer": 0.2, "payee": 0.4},
        lambda role, _: told[role],
    )  # fmt: skip


ALGORITHM = Algorithm("pass_through", "1.0", "Pass-through accounts", PassThroughParams, find)
