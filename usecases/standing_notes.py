"""What a file that leaves the house says of the findings in it: whether people adopted them, how often their like is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from cases.verdicts import Status
from evaluation.error_rates import ErrorRate
from graph.model import Node
from security.roles import Actor, Permission
from usecases import evaluate, verdicts
from usecases.services import Services

#: So many findings are told of one by one; the rest by their number.
MOST = 50
_WORDS = {
    "en": {Status.SUGGESTED: "a suggestion, judged by nobody", Status.PROPOSED: "adoption proposed, not confirmed",
           Status.ADOPTED: "adopted by two people", Status.REJECTED: "rejected", Status.NEEDS_MORE: "needs more, not adopted"},
    "zh": {Status.SUGGESTED: "建议，尚无人判定", Status.PROPOSED: "已提出采纳，未确认", Status.ADOPTED: "已由两人采纳",
           Status.REJECTED: "已否决", Status.NEEDS_MORE: "需补充，未采纳"},
}  # fmt: skip
_RATE = {
    "en": "of {of} like it (same kind, version and score) on {where} {wrong} were wrong ({share:.0%}, 95% interval {low:.0%} to {high:.0%})",
    "zh": "在 {where} 上，{of} 个同类（同算法、版本、分数段）发现中有 {wrong} 个错误（{share:.0%}，95% 区间 {low:.0%} 至 {high:.0%}）",
}
_MORE = {"en": "{count} more findings are not told of one by one", "zh": "另有 {count} 个发现未逐一说明"}


def notes(services: Services, actor: Actor, findings: Iterable[Node], language: str) -> tuple[str, ...]:
    """One line a finding: status, and measured error rate or why there is none. Nothing for who may not read findings."""
    listed = sorted(findings, key=lambda node: (-float(node.properties.get("score") or 0), node.id))
    if not listed or not actor.may(Permission.FINDINGS_READ):
        return ()
    tongue = language[:2] if language[:2] in _WORDS else "en"
    shown = listed[:MOST]
    status = verdicts.statuses(services, actor, [node.id for node in shown])
    rates = evaluate.rates_of(services, actor, [node.properties for node in shown])
    lines = [_line(node, status[node.id], rate, tongue) for node, rate in zip(shown, rates, strict=True)]
    if len(listed) > MOST:
        lines.append(_MORE[tongue].format(count=len(listed) - MOST))
    return tuple(lines)


def _line(node: Node, status: Status, rate: ErrorRate, tongue: str) -> str:
    told = node.properties
    head = f"{told['kind']} {told['algorithm_version']} {node.id} ({float(told['score']):.2f})"
    first = rate.first
    if first is None:
        return f"{head}: {_WORDS[tongue][status]}; {rate.why}"
    low, high = first.wrong.interval or (0.0, 1.0)
    measured = _RATE[tongue].format(
        of=first.of, where=first.setting, wrong=first.wrong.right, share=first.wrong.share or 0.0, low=low, high=high
    )
    return f"{head}: {_WORDS[tongue][status]}; {measured}"
