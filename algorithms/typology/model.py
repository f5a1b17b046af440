"""What goes into a typology guess and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds of fraud, one word each, as ground truth and rules name them.
LABELS = (
    "fake_police", "game_trade", "impersonation", "investment", "loan", "malware", "phishing", "romance", "shopping",
    "task_scam",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the graph says of one victim's loss; None is not known, never zero. Amounts in minor units of `currency`."""

    payments: int | None = None
    """The victim's payments to the suspects."""
    amounts_minor: tuple[int, ...] = ()
    """Those payments' amounts in order of time."""
    currency: str = "CNY"
    span_s: int | None = None
    """From the first to the last payment."""
    paybacks: int | None = None
    """Payments that came back to the victim before the last one left."""
    victims: int | None = None
    """Accounts that paid the same first payee within a day."""
    longest_call_s: int | None = None
    """Longest call from a number the victim had not spoken with before."""
    visited_page: bool | None = None
    """Whether the victim's phone opened a page of the suspects."""
    coin: bool | None = None
    """Whether the money went on into coin."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for (`weight` > 0) or against a label, in natural-log odds; `source` is rule, text or graph."""

    source: str
    says: str
    weight: float


@dataclass(frozen=True, slots=True)
class Typology:
    """A guess at the kind of fraud.

    `label` is the best one even when `abstained` (then only a hint: do not show it as a result), empty when nothing at
    all speaks for any. `probability` is of that label, 0 to 1, from judged weights: not calibrated. `ranked` holds
    every label with its probability, highest first; `reasons` those for and against `label`, strongest first.
    """

    label: str
    probability: float
    reasons: tuple[Reason, ...]
    abstained: bool
    ranked: tuple[tuple[str, float], ...] = ()
    version: str = ""
