"""Compares one algorithm's findings with the labels of one data set: counts, from which all figures are made.

A finding is **right** when at least half of the money events it cites are fraudulent, or at least half of the accounts
it accuses belong to culprits. It accuses the accounts whose role is not `victim` and whose own score is at least half of
its own. A victim who is accused counts as wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from algorithms._base import Found
from evaluation.curve import Curve, curve
from evaluation.labels import Labels
from evaluation.measured import Ratio

THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.0)
#: Score bands of error rates: from, to (the last one takes 1.0).
BANDS = ((0.0, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
HALF = 0.5
#: Roles of the truth that detection names by one word (docs/detection/roles.md).
NAMED_AS = {"recruiter": "controller"}
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One finding beside the truth. `right` None: it names neither events nor accounts that could be compared."""

    score: float
    right: bool | None
    accused: frozenset[str]
    named_victims: frozenset[str]
    groups: frozenset[str]
    events: frozenset[str]
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What one algorithm did on one data set: ratios by key, right and judged findings by band, and the curves."""

    ratios: dict[Key, Ratio]
    bands: tuple[tuple[int, int], ...]
    findings: int
    accounts: Curve | None
    events: Curve | None
    account_scores: dict[str, float]


def judge(found: Found, labels: Labels, money_events: set[str]) -> Judged:
    """One finding beside the truth; `money_events` are the evidence ids that are money events of the data."""
    members = [member for member in found.members if member.label == "Account"]
    accused = {
        member.id: member.role
        for member in members
        if member.role != "victim" and (member.score is None or member.score >= HALF * found.score)
    }
    cited = money_events.intersection(found.evidence_ids) if labels.has_events else set()
    bad_events = cited & labels.events.keys()
    culprits = accused.keys() & labels.accounts.keys()
    shares = [len(part) / len(whole) for part, whole in ((bad_events, cited), (culprits, accused)) if whole]
    right = max(shares) >= HALF if shares else None
    groups = {group for account in culprits for group in labels.group_of.get(account, ())}
    groups |= {group for event in bad_events if (group := labels.events[event].group)}
    victims = {member.id for member in members if member.role == "victim"}
    return Judged(
        found.score, right, frozenset(accused), frozenset(victims), frozenset(groups) if right else frozenset(),
        frozenset(cited), tuple(accused.items()),
    )  # fmt: skip


def scores_of(found: Iterable[Found]) -> dict[str, float]:
    """Score of each account that is named as anything but a victim: its own in a finding, else the finding's; the highest."""
    scores: dict[str, float] = {}
    for item in found:
        for member in item.members:
            if member.label == "Account" and member.role != "victim":
                own = item.score if member.score is None else member.score
                scores[member.id] = max(scores.get(member.id, 0.0), own)
    return scores


def sample(found: Sequence[Found], labels: Labels, money_events: set[str]) -> Sample:
    """All counts of one algorithm on one data set."""
    judged = [judge(item, labels, money_events) for item in found]
    scores, ratios = scores_of(found), dict[Key, Ratio]()
    by_account = curve(scores, set(labels.accounts)) if labels.accounts else None
    by_event = None
    if labels.has_events and any(item.evidence_ids for item in found):
        by_event = curve(_event_scores(judged), set(labels.events))
    for threshold in THRESHOLDS:
        kept = [item for item in judged if item.score >= threshold]
        _findings(ratios, kept, labels, f"{threshold:.1f}")
        _money(ratios, kept, labels, f"{threshold:.1f}")
        _roles(ratios, kept, labels, f"{threshold:.1f}")
    for name, made in (("accounts", by_account), ("events", by_event)):
        if made is not None:
            _curve(ratios, made, name)
    return Sample(ratios, _bands(judged), len(found), by_account, by_event, scores)


def _event_scores(judged: Iterable[Judged]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for item in judged:
        for event in item.events:
            scores[event] = max(scores.get(event, 0.0), item.score)
    return scores


def _curve(ratios: dict[Key, Ratio], made: Curve, name: str) -> None:
    ratios[name, "average_precision"] = Ratio(made.average_precision, 1, counted=False)
    for point in made.at(THRESHOLDS):
        at = f"{point.threshold:.1f}"
        ratios[name, "precision", at] = Ratio(point.right, point.found)
        ratios[name, "recall", at] = Ratio(point.right, made.positives)
        ratios[name, "f1", at] = Ratio(2 * point.right, point.found + made.positives, counted=False)


def _findings(ratios: dict[Key, Ratio], kept: Sequence[Judged], labels: Labels, at: str) -> None:
    clear = [item for item in kept if item.right is not None]
    ratios["findings", "precision", at] = Ratio(sum(bool(item.right) for item in clear), len(clear))
    if not labels.groups:
        return
    alerted = {group for item in kept for group in item.groups}
    ratios["groups", "recall", at] = Ratio(len(alerted), len(labels.groups))
    ratios["groups", "alerts_each", at] = Ratio(len(kept), len(alerted), counted=False)
    by_typology: dict[str, list[bool]] = defaultdict(list)
    for group in labels.groups:
        by_typology[labels.typology_of.get(group, "")].append(group in alerted)
    for typology, hits in by_typology.items():
        if typology:
            ratios["typology", "recall", typology, at] = Ratio(sum(hits), len(hits))
            pointing = sum(any(labels.typology_of.get(group) == typology for group in item.groups) for item in kept)
            ratios["typology", "alerts_each", typology, at] = Ratio(pointing, sum(hits), counted=False)


def _money(ratios: dict[Key, Ratio], kept: Sequence[Judged], labels: Labels, at: str) -> None:
    """Stolen money is covered when the payment is cited, or the account that it reached is accused."""
    stolen = labels.stolen
    if not stolen:
        return
    cited = {event for item in kept for event in item.events}
    accused = {account for item in kept for account in item.accused}
    covered = sum(event.units for id, event in stolen.items() if id in cited or event.payee in accused)
    ratios["money", "recall", at] = Ratio(covered, sum(event.units for event in stolen.values()), counted=False)
    by_typology: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for id, event in stolen.items():
        typology = event.typology or labels.typology_of.get(event.group or "", "")
        by_typology[typology].append((event.units, id in cited or event.payee in accused))
    for typology, parts in by_typology.items():
        if typology:
            of = sum(units for units, _ in parts)
            ratios["typology", "money", typology, at] = Ratio(sum(u for u, hit in parts if hit), of, counted=False)


def _roles(ratios: dict[Key, Ratio], kept: Sequence[Judged], labels: Labels, at: str) -> None:
    """Accounts of each true role: how many are accused, and how many of those under their true role.

    Nothing is said of the second where an algorithm names none of the true roles (payers, payees, sharers): it does not tell roles.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for item in kept:
        for account, role in item.roles:
            named[account].add(role)
    true: dict[str, list[str]] = defaultdict(list)
    for account, roles in labels.accounts.items():
        for role in roles:
            true[role].append(account)
    tells = bool({NAMED_AS.get(role, role) for role in true} & {role for roles in named.values() for role in roles})
    for role, accounts in true.items():
        seen = [account for account in accounts if account in named]
        ratios["role", "recall", role, at] = Ratio(len(seen), len(accounts))
        if tells:
            right = sum(not named[account].isdisjoint((role, NAMED_AS.get(role, role))) for account in seen)
            ratios["role", "named_so", role, at] = Ratio(right, len(seen))
    if labels.victims:
        seen_victims = {account for item in kept for account in item.named_victims} & labels.victims
        ratios["role", "recall", "victim", at] = Ratio(len(seen_victims), len(labels.victims))
        ratios["role", "victim_accused", "victim", at] = Ratio(len(labels.victims & named.keys()), len(labels.victims))


def _bands(judged: Iterable[Judged]) -> tuple[tuple[int, int], ...]:
    counts = [[0, 0] for _ in BANDS]
    for item in judged:
        if item.right is not None:
            place = band_of(item.score)
            counts[place][0] += item.right
            counts[place][1] += 1
    return tuple((right, of) for right, of in counts)


def band_of(score: float) -> int:
    """Number of the score band of a score from 0 to 1."""
    return next(place for place in range(len(BANDS) - 1, -1, -1) if score >= BANDS[place][0])
