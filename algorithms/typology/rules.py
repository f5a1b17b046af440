"""Rules: words that speak for a kind of fraud (rules.yaml), and what the graph says for or against it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from algorithms.typology.model import LABELS, Evidence, Reason
from core.message import say

RULES = Path(__file__).with_name("rules.yaml")
_HOUR, _DAY = 3600, 86_400


def normal(text: str) -> str:
    """Text as rules and model read it: NFKC, lower case, invisible characters out, white space single."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return " ".join(kept.lower().split())


@dataclass(frozen=True, slots=True)
class WordRule:
    """All of `patterns` in a text speak for a label by `weight`."""

    says: str
    weight: float
    patterns: tuple[re.Pattern[str], ...]

    def holds(self, text: str) -> bool:
        """Whether it holds in an already normal text."""
        return all(pattern.search(text) for pattern in self.patterns)


@cache
def word_rules() -> Mapping[str, tuple[WordRule, ...]]:
    """The rules of rules.yaml by label. Raises ValueError when the file does not name exactly LABELS."""
    known = yaml.safe_load(RULES.read_text(encoding="utf-8"))["labels"]
    if set(known) != set(LABELS):
        raise ValueError(f"{RULES.name}: labels differ: {sorted(set(known) ^ set(LABELS))}")
    return {label: tuple(_rules_of(about)) for label, about in known.items()}


def titles() -> Mapping[str, str]:
    """What each label means, in one English line."""
    known = yaml.safe_load(RULES.read_text(encoding="utf-8"))["labels"]
    return {label: str(about["title"]) for label, about in known.items()}


def _rules_of(about: Mapping[str, Mapping[float, list[str | list[str]]]]) -> list[WordRule]:
    found = []
    for group in ("words", "together"):
        for weight, entries in (about.get(group) or {}).items():
            for entry in entries:
                words = [entry] if isinstance(entry, str) else entry
                found.append(WordRule(" + ".join(words), float(weight), tuple(map(_pattern, words))))
    return found


def _pattern(word: str) -> re.Pattern[str]:
    plain = normal(word)
    if not plain.isascii():
        return re.compile(re.escape(plain))
    ending = r"\w*" if plain.endswith("*") else ""
    return re.compile(rf"(?<!\w){re.escape(plain.rstrip('*'))}{ending}(?!\w)", re.ASCII)


def word_reasons(text: str) -> dict[str, list[Reason]]:
    """Rules that hold in the text, by label. A word inside a longer matching word of the same label counts once."""
    read = normal(text)
    found: dict[str, list[Reason]] = {label: [] for label in LABELS}
    for label, rules in word_rules().items():
        held = [rule for rule in rules if rule.holds(read)]
        whole = [rule.says for rule in held]
        for rule in held:
            if not any(rule.says != other and rule.says in other and "+" not in other for other in whole):
                found[label].append(Reason("rule", rule.says, rule.weight))
    return found


#: Largest sum of one label's word weights: the tenth word adds no new fact.
MOST_WORDS = 6.0

#: (label, says, weight when it holds, what must be known, whether it holds). Figures follow the police's published
#: descriptions of each method; weights are judgements, small beside plain words.
_GraphRule = tuple[str, str, float, Callable[[Evidence], bool | None]]


def _all_known(*values: object) -> bool:
    return all(value is not None for value in values)


def _growing(e: Evidence) -> bool | None:
    if len(e.amounts_minor) < 3:
        return None
    return e.amounts_minor[-1] > 1.5 * e.amounts_minor[0]


def _at_least(value: int | None, least: int) -> bool | None:
    return None if value is None else value >= least


_GRAPH_RULES: tuple[_GraphRule, ...] = (
    ("fake_police", "a call of half an hour or more from an unknown number", 1.5, lambda e: _at_least(e.longest_call_s, 1800)),
    ("romance", "a call of half an hour or more from an unknown number", 0.5, lambda e: _at_least(e.longest_call_s, 1800)),
    ("fake_police", "one payment above 50,000", 1.0, lambda e: _big(e)),
    ("impersonation", "one or two payments above 10,000 within hours", 0.7, lambda e: _few_big(e)),
    ("task_scam", "small first payments that were paid back, then larger ones", 1.5, lambda e: _bait(e, 3 * _DAY)),
    ("investment", "payments that grow over weeks", 1.0, lambda e: _slow_growth(e)),
    ("romance", "five or more payments over weeks without anything back", 1.0, lambda e: _slow_one_way(e)),
    ("investment", "part of it was paid back early", 0.5, lambda e: _at_least(e.paybacks, 1)),
    ("shopping", "one payment only, below 2,000", 0.7, lambda e: _one_small(e)),
    ("shopping", "five or more others paid the same account within a day", 0.8, lambda e: _at_least(e.victims, 6)),
    ("investment", "the money went on into coin", 0.4, lambda e: e.coin),
    ("phishing", "opened a page of the suspects", 0.4, lambda e: e.visited_page),
    ("malware", "opened a page of the suspects", 0.3, lambda e: e.visited_page),
    ("impersonation", "opened a page of the suspects", -0.7, lambda e: e.visited_page),
)  # fmt: skip


def _big(e: Evidence) -> bool | None:
    return max(e.amounts_minor) >= 5_000_000 if e.amounts_minor else None


def _few_big(e: Evidence) -> bool | None:
    if not e.amounts_minor or not _all_known(e.span_s):
        return None
    return len(e.amounts_minor) <= 2 and max(e.amounts_minor) >= 1_000_000 and (e.span_s or 0) <= 8 * _HOUR


def _bait(e: Evidence, within_s: int) -> bool | None:
    if not _all_known(e.paybacks, e.span_s) or _growing(e) is None:
        return None
    return bool(_growing(e)) and (e.paybacks or 0) >= 1 and (e.span_s or 0) <= within_s


def _slow_growth(e: Evidence) -> bool | None:
    if e.span_s is None or _growing(e) is None:
        return None
    return bool(_growing(e)) and e.span_s > 7 * _DAY


def _slow_one_way(e: Evidence) -> bool | None:
    if not _all_known(e.payments, e.span_s, e.paybacks):
        return None
    return (e.payments or 0) >= 5 and (e.span_s or 0) > 14 * _DAY and e.paybacks == 0


def _one_small(e: Evidence) -> bool | None:
    return len(e.amounts_minor) == 1 and e.amounts_minor[0] < 200_000 if e.amounts_minor else None


def graph_reasons(evidence: Evidence) -> dict[str, list[Reason]]:
    """What the graph says for or against each label; what is not known says nothing.

    Amounts are compared only when they are in CNY: the limits are yuan.
    """
    seen = evidence if evidence.currency == "CNY" else _without_amounts(evidence)
    found: dict[str, list[Reason]] = {label: [] for label in LABELS}
    for label, says, weight, holds in _GRAPH_RULES:
        if holds(seen):
            found[label].append(Reason("graph", say(says), weight))
    return found


def _without_amounts(e: Evidence) -> Evidence:
    return Evidence(
        payments=e.payments, currency=e.currency, span_s=e.span_s, paybacks=e.paybacks, victims=e.victims,
        longest_call_s=e.longest_call_s, visited_page=e.visited_page, coin=e.coin,
    )  # fmt: skip
