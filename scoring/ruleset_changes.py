"""What one rule set changes of another, line by line: what a second person approves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.ruleset import Active, RuleSet

#: Said elsewhere, or rule by rule.
_APART = {"name", "note", "rules", "rates"}


@dataclass(frozen=True, slots=True)
class Change:
    """One value: of a rule, or of the whole set where `rule` is empty. None where it was, or is, not there."""

    rule: str
    what: str
    before: Any
    after: Any


def changes(before: RuleSet, after: RuleSet) -> tuple[Change, ...]:
    """Every value that differs, the set's own first, then by rule. A rule that comes or goes is one line: `rule`.

    Thresholds that a text leaves out count with their defaults: writing a default down changes nothing.
    """
    whole = _differing("", before.config.model_dump(exclude=_APART), after.config.model_dump(exclude=_APART))
    rates = _differing("", _rates(before), _rates(after))
    return (*whole, *rates, *_by_rule(before, after))


def _rates(rules: RuleSet) -> dict[str, float]:
    return {f"rate {currency}": rate for currency, rate in rules.config.rates.items()}


def _by_rule(before: RuleSet, after: RuleSet) -> Iterator[Change]:
    old, new = ({item.name: item for item in rules.active} for rules in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Change(name, "rule", "in", None)
        elif name not in old:
            yield Change(name, "rule", None, "in")
            yield from _differing(name, {}, _of(new[name]))
        else:
            yield from _differing(name, _of(old[name]), _of(new[name]))


def _of(item: Active) -> dict[str, Any]:
    return {**item.setting.model_dump(exclude={"params"}), **item.params.model_dump()}


def _differing(rule: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys((*old, *new)):
        if old.get(what) != new.get(what):
            yield Change(rule, what, old.get(what), new.get(what))
