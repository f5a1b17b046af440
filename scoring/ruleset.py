"""A versioned set of rules in YAML: which rules, their thresholds, and from which score on something happens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core import plain_yaml
from core.errors import BadInput
from core.message import say
from core.money import EXPONENT
from scoring.layout import KernelParams
from scoring.rules._base import Params, Rule, catalog

MAX_TEXT = 64_000
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleSetting(_Strict):
    """How one rule counts. `until` is an ISO date after which it no longer fires (conditions expire)."""

    score: Share
    enabled: bool = True
    interdict: Literal["none", "challenge", "hold", "refuse"] = "none"
    block: Literal["none", "soft", "hard"] = "none"
    until: str = Field("", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    params: dict[str, Any] = Field(default_factory=dict)


class RuleSetText(_Strict):
    """The YAML document."""

    name: str = Field(min_length=1, max_length=64)
    note: str = Field("", max_length=2_000)
    home_country: str = Field("CN", pattern="^[A-Z]{2}$")
    zone_offset_s: int = Field(28_800, ge=-50_400, le=50_400)
    rates: dict[str, Annotated[float, Field(gt=0, le=1e6)]] = Field(default_factory=lambda: {"CNY": 1.0})
    alert_score: Share
    challenge_score: Share
    hold_score: Share
    refuse_score: Share
    auto_hold_limit_minor: int = Field(1_000_000, ge=0)
    auto_hold_s: int = Field(86_400, ge=60, le=604_800)
    person_hold_s: int = Field(7_200, ge=60, le=604_800)
    rules: dict[str, RuleSetting] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> RuleSetText:
        if not self.challenge_score <= self.hold_score <= self.refuse_score:
            raise ValueError("challenge_score, hold_score and refuse_score must not fall in this order")
        unknown = sorted(set(self.rates) - set(EXPONENT))
        if unknown:
            raise ValueError(f"rates: {unknown[0]!r} is no currency code known here")
        return self


@dataclass(frozen=True, slots=True)
class Active:
    """One rule ready to be asked. `until_ms` is 0 for a rule without an end."""

    rule: Rule
    params: Params
    setting: RuleSetting
    until_ms: int

    @property
    def name(self) -> str:
        return self.rule.name


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A checked rule set. `digest` names its content; `text` is the YAML as it was written."""

    text: str
    digest: str
    config: RuleSetText
    active: tuple[Active, ...]
    kernel: KernelParams

    def params(self, name: str) -> Any:
        """A rule's thresholds here; of one that is left out its own defaults."""
        return params_of(name, self.active)


def params_of(name: str, active: Iterable[Active]) -> Any:
    """The thresholds of a rule among these; of one that is left out its own defaults."""
    return next((item.params for item in active if item.name == name), None) or catalog()[name].params()


def parse(text: str) -> RuleSet:
    """A rule set from YAML. Raises BadInput naming the field and what was expected."""
    if len(text) > MAX_TEXT:
        raise BadInput(say("a rule set has at most {most} characters", most=MAX_TEXT))
    try:
        given = plain_yaml.load(text)
    except ValueError as error:
        raise BadInput(f"rule set: not readable as YAML: {str(error)[:300]}", code="bad_rule_set") from error
    if not isinstance(given, dict):
        raise BadInput("rule set: expected a mapping with name, thresholds and rules", code="bad_rule_set")
    try:
        config = RuleSetText.model_validate(given)
    except ValidationError as error:
        raise _plain(error, "") from error
    active = tuple(_active(name, setting) for name, setting in config.rules.items())
    return RuleSet(text, digest(text), config, active, _kernel(config, active))


def digest(text: str) -> str:
    """Short content hash of a rule set's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def default_text() -> str:
    """The rule set an installation starts with."""
    return (Path(__file__).parent / "rulesets" / "default.yaml").read_text(encoding="utf-8")


def _active(name: str, setting: RuleSetting) -> Active:
    rule = catalog().get(name)
    if rule is None:
        raise BadInput(f"rules.{name[:40]}: no such rule: use {', '.join(catalog())}", code="bad_rule_set")
    try:
        params = rule.params.model_validate(setting.params)
    except ValidationError as error:
        raise _plain(error, f"rules.{name}.params.") from error
    return Active(rule, params, setting, _end_ms(name, setting.until))


def _end_ms(name: str, until: str) -> int:
    from datetime import UTC, datetime, timedelta

    if not until:
        return 0
    try:
        return int((datetime.fromisoformat(until).replace(tzinfo=UTC) + timedelta(days=1)).timestamp() * 1000)
    except ValueError as error:
        raise BadInput(f"rules.{name}.until: expected a date like 2026-12-31", code="bad_rule_set") from error


def _kernel(config: RuleSetText, active: tuple[Active, ...]) -> KernelParams:
    """What the counting must know of the rules' thresholds; a rule that is left out counts by its own defaults."""
    counted = ("large_burst", "pass_through", "crypto_purchase", "structuring")
    burst, passing, coin, parts = (params_of(name, active) for name in counted)
    return KernelParams(
        burst.large_minor, burst.window_s, passing.window_s, coin.swap_window_s, parts.low_minor, parts.high_minor,
        parts.window_s, parts.round_unit_minor, config.zone_offset_s,
    )  # fmt: skip


def _plain(error: ValidationError, prefix: str) -> BadInput:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return BadInput(f"rule set: {prefix}{field or 'whole'}: {first['msg']}", code="bad_rule_set")
