"""What a stop-payment order could still reach, written into a file: replayed anew, never taken from the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.clock import to_utc
from core.money import show
from graph.model import Node, Subgraph
from graph.queries.reachable import Left, Reachable, Rule
from security.roles import Actor
from usecases import money_flow
from usecases.explore import Key
from usecases.services import Services

_WORDS = {
    "en": {
        "within": "within reach {sum}", "beyond": "out of reach {sum}", "all": "A stop-payment order could still reach {sum} in {n} accounts",
        "lost": "out of reach {sum}", "left": "left these accounts {sum}", "rule": "rule {rule}", "as_of": "at {at} UTC",
        "own_first": "own money leaves first (lowest intermediate balance)", "traced_first": "traced money leaves first (lower bound)",
    },
    "zh": {
        "within": "尚可止付 {sum}", "beyond": "无法止付 {sum}", "all": "止付指令尚可触及 {sum}，涉及 {n} 个账户",
        "lost": "无法止付 {sum}", "left": "已离开这些账户 {sum}", "rule": "规则：{rule}", "as_of": "截至 {at} UTC",
        "own_first": "自有资金先流出（最低中间余额）", "traced_first": "涉案资金先流出（下限）",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReachOrder:
    """Whose money to look for, in which accounts, by which rule, and when; account ids."""

    victims: Sequence[str]
    accounts: Sequence[str]
    rule: Rule = "own_first"
    as_of_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ReachNotes:
    """The replay as a file shows it: a line under each account, lines of totals, and properties of each account."""

    beside: Mapping[Key, str]
    lines: tuple[str, ...]
    properties: Mapping[Key, Mapping[str, str | int]]

    def onto(self, drawn: Subgraph) -> Subgraph:
        """The nodes with `within_reach_minor`, `out_of_reach_minor`, their currency and why not, where money came."""
        return replace(drawn, nodes=tuple(self._with(node) for node in drawn.nodes))

    def _with(self, node: Node) -> Node:
        more = self.properties.get(node.key)
        return replace(node, properties={**node.properties, **more}) if more else node


def notes(services: Services, actor: Actor, order: ReachOrder, language: str) -> ReachNotes:
    """Replay the order and put it in words. Raises as `money_flow.reachable` does."""
    found = money_flow.reachable(
        services, actor, order.victims, order.accounts, rule=order.rule, as_of_ms=order.as_of_ms
    )
    words = _WORDS.get(language[:2], _WORDS["en"])
    rows: dict[Key, list[Left]] = {}
    for row in found.accounts:
        rows.setdefault(("Account", row.account_id), []).append(row)
    return ReachNotes(
        {key: " · ".join(_beside(row, words) for row in mine if row.left_minor) for key, mine in rows.items()},
        (_totals(found, order, words), *found.omitted), {key: _properties(mine) for key, mine in rows.items()},
    )  # fmt: skip


def _beside(row: Left, words: Mapping[str, str]) -> str:
    return words["within" if row.reachable else "beyond"].format(sum=show(row.left_minor, row.currency))


def _totals(found: Reachable, order: ReachOrder, words: Mapping[str, str]) -> str:
    within = [row for row in found.accounts if row.reachable]
    beyond = [row for row in found.accounts if not row.reachable and row.left_minor]
    said = [words["all"].format(sum=_sum(within), n=len({row.account_id for row in within}))]
    if beyond:
        said.append(words["lost"].format(sum=_sum(beyond)))
    if found.outside:
        said.append(words["left"].format(sum=" + ".join(show(minor, currency) for currency, minor in found.outside.items())))  # fmt: skip
    said.append(words["rule"].format(rule=words[order.rule]))
    if order.as_of_ms is not None:
        said.append(words["as_of"].format(at=f"{to_utc(order.as_of_ms):%Y-%m-%d %H:%M:%S}"))
    return " · ".join(said)


def _sum(rows: Sequence[Left]) -> str:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.left_minor
    return " + ".join(show(minor, currency) for currency, minor in totals.items()) or "0"


def _properties(rows: Sequence[Left]) -> dict[str, str | int]:
    """Of the currency with most left: an account with several says so in its line."""
    row = max(rows, key=lambda item: item.left_minor)
    return {
        "within_reach_minor": row.left_minor if row.reachable else 0, "out_of_reach_minor": 0 if row.reachable else row.left_minor,
        "reach_currency": row.currency, **({"out_of_reach_why": row.why} if row.why else {}),
    }  # fmt: skip
