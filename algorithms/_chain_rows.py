"""From a group of chains to a finding: who had which role, where the money is now, and why it is suspicious or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algorithms import _flow as fl
from algorithms._base import Found, Member
from algorithms._chain_search import Scores, Search
from algorithms._flow import Bools, Ints
from algorithms._money import Money
from core.message import Amount, say

#: A finding lists at most so many transfers and accounts in `details`, and so many of its paths; `omitted` says the rest.
MAX_ROWS, MAX_PATHS = 2_000, 25
#: An account that collects from so many senders inside the chain is a collector.
COLLECTS_FROM = 2


@dataclass(slots=True)
class Place:
    """One account's (or wallet's) part in a group, filled transfer by transfer. Money is traced minor units."""

    came: int = 0
    left: int = 0
    paid_as_head: int = 0
    layer: int | None = None
    payers: set[int] = field(default_factory=set)
    senders: set[int] = field(default_factory=set)
    drew_cash: int = 0
    exchanged: int = 0
    lots: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Everything rows are made from."""

    money: Money
    search: Search
    scores: Scores
    paths: np.ndarray[Any, Any]
    """Number of paths from each transfer to an end."""
    delay_ms: np.ndarray[Any, Any]
    """Money-weighted time since the money it passes on came in, per transfer; NaN for a head."""

    def found(self, group: int, rows: Ints) -> Found:
        """The finding of one group, whose transfers are `rows` in order of time."""
        flow, traced = self.money.flow, self.search.traced
        places = self._places(rows)
        names = dict(zip(places, self.money.names(places), strict=True))
        currency = self.money.currencies[int(flow.currency[rows[0]])]
        heads = rows[traced.hop[rows] == 0]
        amount = int(traced.money[heads].sum())
        members = [self._member(node, place, names[node], group, currency) for node, place in places.items()]
        # Members in order of the money's way.
        members.sort(key=lambda m: (99 if m.layer is None else m.layer, m.label, m.id))
        layers = int(self.scores.depth[group])
        mules = sum(1 for m in members if m.role in ("mule", "collector", "cash_out", "exchanger"))
        omitted: list[str] = []
        shown = rows[:MAX_ROWS]
        if len(rows) > MAX_ROWS:
            omitted.append(
                say("{n} of {total} transfers are not listed in the details", n=len(rows) - MAX_ROWS, total=len(rows))
            )
        events = self.money.events(shown)
        return Found(
            title=say(
                "{money} from {payers} payers through {n} accounts in {hops} hops",
                money=Amount(amount, currency),
                payers=len({int(flow.src[r]) for r in heads}),
                n=mules,
                hops=layers + 1,
            ),
            score=round(float(self.scores.score[group]), 4),
            members=tuple(members),
            reasons=tuple(self._reasons(group, amount, currency)),
            against=tuple(self._against(group, rows, heads)),
            evidence_ids=events,
            amount_minor=amount,
            currency=currency,
            starts_ms=int(flow.at_ms[rows[0]]),
            ends_ms=int(flow.at_ms[rows[-1]]),
            details=self._details(group, shown, events, names, places, members, omitted),
        )

    def _places(self, rows: Ints) -> dict[int, Place]:
        flow, traced = self.money.flow, self.search.traced
        places: dict[int, Place] = defaultdict(Place)
        for row in rows.tolist():
            source, target, amount = int(flow.src[row]), int(flow.dst[row]), int(traced.money[row])
            hop = int(traced.hop[row])
            payer, payee = places[source], places[target]
            payee.came += amount
            payee.left += int(traced.gone[row])
            payee.lots += bool(traced.gone[row])
            payee.layer = hop + 1 if payee.layer is None else min(payee.layer, hop + 1)
            payee.payers.add(source)
            if hop == 0:
                payer.paid_as_head += amount
            else:
                payee.senders.add(source)
            if flow.cash_exit[row] or flow.kind[target] == fl.CASH:
                payer.drew_cash += amount
            if flow.kind[target] == fl.WALLET:
                payer.exchanged += amount
        return dict(places)

    def _member(self, node: int, place: Place, name: tuple[str, str], group: int, currency: str) -> Member:
        role, reason = self._role(node, place, currency)
        share = place.left / place.came if place.came else 0.0
        score = float(self.scores.score[group])
        own = {"victim": 0.0, "recipient": 0.3, "cash_point": 0.1, "hub": 0.1}.get(role, 0.5 + 0.5 * share)
        layer = 0 if role == "victim" else place.layer
        return Member(name[0], name[1], role, layer, round(score * own, 4), reason)

    def _role(self, node: int, place: Place, currency: str) -> tuple[str, str]:
        """Role and one sentence why. An account that passes traced money on is never a victim, whoever it also paid."""
        kind = int(self.money.flow.kind[node])
        came = Amount(place.came, currency)
        if kind == fl.WALLET:
            return (
                "wallet",
                say("a crypto wallet that {money} was changed into", money=came)
                if place.came
                else say("a crypto wallet coin was sold from"),
            )
        if kind == fl.CASH:
            return "cash_point", say("{money} was taken out here as cash", money=came)
        if kind == fl.EXCHANGE or place.exchanged:
            return (
                "exchanger",
                say(
                    "{money} came in and was changed into coin, or could be: the account trades with wallets",
                    money=came,
                ),
            )
        if place.layer is None or (place.paid_as_head and not place.left):
            paid = Amount(place.paid_as_head, currency)
            if place.came:
                return "victim", say(
                    "{money} went from here into the chain; {back} came back to it", money=paid, back=came
                )
            return "victim", say("{money} went from here into the chain", money=paid)
        if place.drew_cash or place.left:
            return self._passing(place, place.layer, currency)
        if self.search.hub[node]:
            return (
                "hub",
                say(
                    "{money} came in; a shop, payroll or payment company with very many partners: not followed further",
                    money=came,
                ),
            )
        return "recipient", say("{money} came in and is not seen to go on: it may still rest here", money=came)

    def _passing(self, place: Place, layer: int, currency: str) -> tuple[str, str]:
        """Role and sentence of an account from which traced money went on."""
        came, left = Amount(place.came, currency), Amount(place.left, currency)
        if place.drew_cash:
            return "cash_out", say(
                "drew {cash} in cash of {money} that came in", cash=Amount(place.drew_cash, currency), money=came
            )
        # the words are one sentence's part, so that a language may order them its own way
        kept = say(
            "passed on {left} of {money} ({share:.1f}%)", left=left, money=came, share=100 * place.left / place.came
        )
        if len(place.senders) >= COLLECTS_FROM:
            return "collector", say(
                "collected from {n} accounts of the chain and {kept}", n=len(place.senders), kept=kept
            )
        return "mule", say("{kept} in layer {layer}", kept=kept, layer=layer)

    def _reasons(self, group: int, amount: int, currency: str) -> Iterator[str]:
        signs, depth = {k: float(v[group]) for k, v in self.scores.signs.items()}, int(self.scores.depth[group])
        money = Amount(amount, currency)
        if depth == 1:
            yield say("{money} went through {n} layer of accounts", money=money, n=depth)
        else:
            yield say("{money} went through {n} layers of accounts", money=money, n=depth)
        if signs["swift"] > 0.5:
            minutes = self.scores.median_delay_ms[group] / 60_000
            yield say("half of the money stayed {n:,.0f} minutes or less before it went on", n=minutes)
        if signs["small_cut"] > 0.9:
            yield say("accounts kept only {share:.1%} of what came in", share=1 - signs["small_cut"])
        if signs["dedicated"] > 0.5:
            yield say(
                "{share:.0%} of all money these accounts ever received was passed on like this",
                share=signs["dedicated"],
            )
        if signs["exit"] > 0:
            yield say("{share:.0%} of it ended as cash or at an exchange", share=signs["exit"])
        if signs["strangers"] > 0.9:
            yield say("the payers had not known the first accounts before")

    def _against(self, group: int, rows: Ints, heads: Ints) -> Iterator[str]:
        flow, search = self.money.flow, self.search
        merchant = float(self.scores.merchant_share[group])
        if merchant > 0.05:
            yield say(
                "{share:.0%} ended at merchants or other busy accounts, as ordinary spending does", share=merchant
            )
        if float(self.scores.signs["dedicated"][group]) < 0.2:
            yield say("the accounts mostly do other things: little of what they receive is passed on like this")
        if float(self.scores.signs["strangers"][group]) < 0.5:
            yield say("most payers have paid the same accounts for weeks, as for wages or rent")
        if len(set(flow.src[heads].tolist())) == 1 and self.scores.depth[group] <= 1:
            yield say("one payer and one account between: money sent to a relative or an errand looks the same")
        paid_by_hub = int(search.hub[flow.src[heads]].sum())
        if paid_by_hub:
            yield say(
                "{n} of {total} first payments come from a busy payer, as wages do", n=paid_by_hub, total=len(heads)
            )
        back = set(flow.src[heads].tolist()) & set(flow.dst[rows].tolist())
        if back:
            yield say("money came back to {n} of the payers, as in a refund or among friends", n=len(back))

    def _details(
        self, group: int, rows: Ints, events: tuple[str, ...], names: dict[int, tuple[str, str]],
        places: dict[int, Place], members: list[Member], omitted: list[str],
    ) -> dict[str, Any]:  # fmt: skip
        flow, traced, search = self.money.flow, self.search.traced, self.search
        by_name = {name: places[node] for node, name in names.items()}
        heads = rows[traced.hop[rows] == 0]
        paths, total = self._list_paths(heads), float(self.paths[heads].sum())
        event = dict(zip(rows.tolist(), events, strict=True))
        listed = [[event[row] for row in path] for path in paths if all(row in event for row in path)]
        if len(listed) < total:
            omitted.append(say("{n} of {total:.0f} paths are listed, largest flows first", n=len(listed), total=total))
        if len(members) > MAX_ROWS:
            omitted.append(
                say(
                    "{n} of {total} accounts are not listed in the details",
                    n=len(members) - MAX_ROWS,
                    total=len(members),
                )
            )
        return {
            "layers": int(self.scores.depth[group]),
            "signs": {name: round(float(value[group]), 4) for name, value in self.scores.signs.items()},
            "median_delay_s": round(float(self.scores.median_delay_ms[group]) / 1000, 1),
            "transfers": [
                {
                    "id": name, "from": names[int(flow.src[row])][1], "to": names[int(flow.dst[row])][1],
                    "amount_minor": int(flow.amount[row]), "traced_minor": int(traced.money[row]),
                    "at_ms": int(flow.at_ms[row]), "hop": int(traced.hop[row]),
                    "delay_s": None if np.isnan(self.delay_ms[row]) else round(float(self.delay_ms[row]) / 1000, 1),
                    "retained_share": round(float(search.links.retained[row]), 4) if traced.gone[row] else None,
                }
                for row, name in zip(rows.tolist(), events, strict=True)
            ],
            "accounts": [
                {
                    "label": m.label, "id": m.id, "role": m.role, "layer": m.layer,
                    "traced_in_minor": by_name[m.label, m.id].came, "traced_out_minor": by_name[m.label, m.id].left,
                    "remaining_minor": by_name[m.label, m.id].came - by_name[m.label, m.id].left,
                }
                for m in members[:MAX_ROWS]
            ],
            "paths": listed,
            "paths_total": total,
            "omitted": omitted,
        }  # fmt: skip

    def _list_paths(self, heads: Ints) -> list[list[int]]:
        """Up to MAX_PATHS paths, following the largest flow first."""
        links, carried = self.search.links, self.search.traced.carried
        big_first = heads[np.argsort(-self.search.traced.money[heads], kind="stable")]
        stack: list[list[int]] = [[int(head)] for head in big_first[:MAX_PATHS][::-1]]
        paths: list[list[int]] = []
        while stack and len(paths) < MAX_PATHS:
            path = stack.pop()
            onward = links.by_lot[links.start[path[-1]] : links.start[path[-1] + 1]]
            if not len(onward):
                paths.append(path)
                continue
            for k in onward[np.argsort(carried[onward], kind="stable")].tolist()[-MAX_PATHS:]:
                stack.append([*path, int(links.pays[k])])
        return paths


def wanted(scores: Scores, min_layers: int, exits: Bools) -> Bools:
    """Groups deep enough to report: at least `min_layers` layers passed money on, one less when it ended in cash or coin."""
    return (scores.depth >= min_layers) | ((scores.depth >= min_layers - 1) & exits & (scores.depth >= 1))
