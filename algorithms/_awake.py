"""What an account does in the days after a given moment: the kernel of dormant-then-burst and new-account burst."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import Field

from algorithms import _flow as fl
from algorithms import _flow_kernel as kernel
from algorithms._flow import Flow, Ints
from algorithms._pattern import Candidate, Floats, PatternParams, Scene, many, weigh
from algorithms._projection import accounts
from core.message import Amount, say
from graph.port import GraphStore

#: What each sign adds to the score. Set by judgement, not fitted to any labels.
WEIGHTS = {"many": 0.15, "partners": 0.15, "passes": 0.30, "heavy": 0.15, "contrast": 0.25}


class AwakeParams(PatternParams):
    """Parameters of bursts after a quiet time."""

    window_s: int = Field(7 * 86_400, ge=0, description="Length of the burst, from its first transfer")
    min_transfers: int = Field(5, ge=2, description="Transfers of the account in the burst, in and out")
    min_partners: int = Field(3, ge=1, description="Different others in the burst")
    min_score: float = Field(0.4, ge=0, le=1, description="Leave out findings below this score")


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """Each account's transfers, in and out, in order of time: `rows[start[a]:start[a + 1]]`. Self-transfers are no activity."""

    start: Ints
    rows: Ints
    at_ms: Ints
    """Times of `rows`."""


def lives(flow: Flow) -> Lives:
    """Group transfers by either end. Cost is linear in transfers."""
    moved = np.flatnonzero(flow.src != flow.dst)
    both = np.repeat(moved, 2)
    ends = np.stack([flow.src[moved], flow.dst[moved]], axis=1).ravel()
    start, order = kernel.group(ends.astype(np.int64), flow.n_nodes)
    rows = both[order]
    return Lives(start, rows, flow.at_ms[rows])


@njit(cache=True)
def _reach(first, ends, at_ms, window):  # type: ignore[no-untyped-def]
    """First place after each burst."""
    last = np.empty(len(first), np.int64)
    for k in range(len(first)):
        place = first[k] + 1
        while place < ends[k] and at_ms[place] - at_ms[first[k]] <= window:
            place += 1
        last[k] = place
    return last


@njit(cache=True)
def _measure(first, last, nodes, rows, columns, n_currencies):  # type: ignore[no-untyped-def]
    """One row a burst, in its currency with most transfers: currency, transfers in, out, money in, out, partners."""
    src, dst, amount, currency, n_nodes = columns
    figures = np.zeros((len(first), 6), np.int64)
    seen = np.full(n_nodes, -1, np.int64)
    count = np.zeros(n_currencies, np.int64)
    for k in range(len(first)):
        count[:] = 0
        for place in range(first[k], last[k]):
            count[currency[rows[place]]] += 1
        main = np.argmax(count)
        figures[k, 0] = main
        for place in range(first[k], last[k]):
            row = rows[place]
            if currency[row] != main:
                continue
            incoming = dst[row] == nodes[k]
            other = src[row] if incoming else dst[row]
            figures[k, 1 if incoming else 2] += 1
            figures[k, 3 if incoming else 4] += amount[row]
            if seen[other] != k:
                seen[other] = k
                figures[k, 5] += 1
    return figures


def bursts(
    here: Scene, life: Lives, first: Ints, params: AwakeParams, contrast: Callable[[Ints, Ints], Floats]
) -> list[Candidate]:
    """Bursts of `window_s` that start at places `first` of `life.rows`, the best one of each account.

    `contrast(first, last)` gives 0 to 1 per burst: how unlike the rest of the account's life it is. The caller takes
    `place`, where the burst starts in `life.rows`, out of the figures.
    """
    flow = here.flow
    nodes = np.searchsorted(life.start, first, side="right") - 1
    last = _reach(first, life.start[nodes + 1], life.at_ms, params.window_s * 1000)
    closed = here.hub | np.isin(flow.kind, (fl.CASH, fl.WALLET, fl.MERCHANT))
    keep = (last - first >= params.min_transfers) & ~closed[nodes]
    first, last, nodes = first[keep], last[keep], nodes[keep]
    n_currencies = len(here.money.currencies)
    columns = (flow.src, flow.dst, flow.amount, flow.currency, flow.n_nodes)
    figures = _measure(first, last, nodes, life.rows, columns, n_currencies)
    wide = (figures[:, 1] + figures[:, 2] >= params.min_transfers) & (figures[:, 5] >= params.min_partners)
    first, last, nodes, figures = first[wide], last[wide], nodes[wide], figures[wide]
    differs, middling = contrast(first, last), _medians(flow, n_currencies)
    best: dict[int, Candidate] = {}
    for k in range(len(first)):
        node, rows = int(nodes[k]), life.rows[first[k] : last[k]]
        item = _candidate(here, rows, node, figures[k], float(differs[k]), middling, params)
        item.figures["place"] = int(first[k])
        if item.score >= params.min_score and (node not in best or item.score > best[node].score):
            best[node] = item
    return list(best.values())


def _medians(flow: Flow, n_currencies: int) -> Floats:
    found = [flow.amount[flow.currency == code] for code in range(n_currencies)]
    return np.array([max(1.0, float(np.median(some))) if len(some) else 1.0 for some in found])


def _candidate(
    here: Scene, rows: Ints, node: int, figures: Ints, contrast: float, middling: Floats, params: AwakeParams
) -> Candidate:
    currency, n_in, n_out, came, went, partners = (int(value) for value in figures)
    rows = rows[here.flow.currency[rows] == currency]
    signs = {
        "many": many(n_in + n_out, params.min_transfers),
        "partners": many(partners, params.min_partners),
        # What came goes out again: a new customer's own shopping does not first come in from others.
        "passes": min(came, went) / max(came, went, 1),
        "heavy": min(1.0, max(came, went) / (20.0 * float(middling[currency]))),
        "contrast": contrast,
    }
    counts = {"transfers_in": n_in, "transfers_out": n_out, "in_minor": came, "out_minor": went, "partners": partners}
    return Candidate(rows, currency, max(came, went), weigh(signs, WEIGHTS), signs, {"mule": [node]}, counts)


def burst_reasons(here: Scene, candidate: Candidate) -> list[str]:
    """Sentences about a burst that hold after any quiet time."""
    figures, signs = candidate.figures, candidate.signs
    currency = here.money.currencies[candidate.currency]
    came, went = Amount(figures["in_minor"], currency), Amount(figures["out_minor"], currency)
    lines: list[str] = [
        say(
            "then {n} transfers with {others} others: {came} came, {went} went",
            n=len(candidate.rows),
            others=figures["partners"],
            came=came,
            went=went,
        )
    ]
    if signs["passes"] > 0.8:
        lines.append(say("nearly all that came in went out again"))
    return lines


def burst_against(candidate: Candidate) -> list[str]:
    """What speaks against a burst after any quiet time."""
    lines, signs = list[str](), candidate.signs
    if signs["passes"] < 0.5:
        lines.append(say("money did not pass through: it was spent, or kept"))
    if signs["heavy"] < 0.3:
        lines.append(say("the sums are small"))
    return lines


def opened(store: GraphStore, n_nodes: int) -> NDArray[np.int64]:
    """Opening time by node, epoch ms; the least integer where it is not known (also for wallets)."""
    unknown = np.iinfo(np.int64).min
    times = np.full(n_nodes, unknown, np.int64)
    column = accounts(store)["opened_at_ms"]
    if column.null_count < len(column):
        times[: len(column)] = column.fill_null(unknown).to_numpy()
    return times
