"""The answer to one transfer: features from the state, rules, lists and overrides, the hold it opens. Changes only what it looks up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.ids import fresh
from scoring import holds
from scoring.decide import PENDING, Answer, Decision, decide, hits_of
from scoring.journaled import Evidence, HitOut, HoldOut, Said, packed
from scoring.ruleset import Active, RuleSet
from scoring.state import Past, State
from scoring.transfer import Transfer
from scoring.watch import Watch

_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Basis:
    """What a transfer is judged by. `network` is `used`, or why the network's part is missing; `id_of` names evidence."""

    rules: RuleSet
    rules_version: int
    watch: Watch
    network: str
    id_of: Callable[[Past], str]


def said_of(state: State, transfer: Transfer, basis: Basis, now_ms: int) -> tuple[Said, str]:
    """Judge a transfer by the state before it: the answer in English, and its sentences packed for other languages.

    The caller holds the lock on the state.
    """
    rules, watch = basis.rules, basis.watch
    state.network_ready = basis.network == "used"
    state.heard(transfer)
    features = state.look(transfer)
    if watch.entries:
        features = features._replace(
            payer_lists=watch.payer_lists(transfer, now_ms), payee_lists=watch.payee_lists(transfer, now_ms)
        )
    hits = hits_of(rules, features, now_ms)
    overridden = watch.overridden(transfer, now_ms)
    decision = decide(rules, hits, overridden=overridden, network=basis.network == "used")
    decision_id = fresh("decision")
    reasons = [item.rule.explain(features, item.params) for item in hits]
    # plain text in the answer: it stays in memory, where it must be no matter of the garbage collector's
    said = Said(
        transfer.id, decision_id, decision.answer.value, decision.score, decision.alert, decision.basis,
        tuple(_hit(state, item, transfer, str(reason), basis) for item, reason in zip(hits, reasons, strict=True)),
        f"v{basis.rules_version}-{rules.digest}", str(basis.network), now_ms,
        _hold(rules, decision, decision_id, features.amount, now_ms),
    )  # fmt: skip
    return said, packed(reasons, basis.network)


def _hit(state: State, item: Active, transfer: Transfer, reason: str, basis: Basis) -> HitOut:
    past = item.rule.evidence(state, transfer, item.params)[:_EVIDENCE]
    return HitOut(
        item.name, item.setting.score, reason,
        tuple(Evidence(p.payer, p.payee, p.amount, p.at_ms, basis.id_of(p)) for p in past),
    )  # fmt: skip


def _hold(rules: RuleSet, decision: Decision, decision_id: str, amount_fen: float, now_ms: int) -> HoldOut | None:
    if decision.answer not in PENDING:
        return None
    config = rules.config
    limit = config.auto_hold_limit_minor
    if decision.answer is Answer.REVIEW:
        limit = -1  # what could not be judged whole is a person's, whatever the amount
    elif decision.answer is Answer.CHALLENGE:
        limit = 1 << 62
    hold = holds.start(
        round(amount_fen), now_ms, auto_limit_minor=limit, auto_s=config.auto_hold_s, person_s=config.person_hold_s
    )
    needs = "verification" if hold.state is holds.State.WAITING else "person"
    return HoldOut("hold-" + decision_id.split("-", 1)[1], needs, hold.until_ms)
