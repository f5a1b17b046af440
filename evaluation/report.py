"""The evaluation report: everything that is kept, shown and compared, as frozen data that goes to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from evaluation.measured import NOT_MEASURED, Measured

#: Raised when a field changes its meaning; a report of another form is shown as unreadable, never guessed at.
FORM = 1


@dataclass(frozen=True, slots=True)
class Point:
    """Figures of everything scored at least `threshold`."""

    threshold: float
    findings: Measured
    account_precision: Measured
    account_recall: Measured
    account_f1: Measured
    event_precision: Measured
    event_recall: Measured
    event_f1: Measured
    money_recall: Measured
    groups_found: Measured
    alerts_per_group: Measured


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Accounts of one true role: accused at all, and of those under this role. Victims: named as victim, and accused."""

    role: str
    recall: Measured
    named_so: Measured
    victim_accused: Measured


@dataclass(frozen=True, slots=True)
class TypologyRow:
    """Gangs or attempts of one kind: how many a right finding points at, share of their stolen money covered, and right alerts
    that point at one, for each that was found. Reports from before a figure was taken have it as not measured."""

    typology: str
    found: Measured
    money: Measured = NOT_MEASURED
    alerts: Measured = NOT_MEASURED


@dataclass(frozen=True, slots=True)
class Band:
    """Findings scored from `low` to below `high` (the last band takes 1.0): right of judged, all data sets together."""

    low: float
    high: float
    right: int
    of: int


@dataclass(frozen=True, slots=True)
class AlgorithmResult:
    """One algorithm on one setting. `reason` says why it was not measured, when it was not.

    Curves are (recall, precision) of the first data set, at most 100 points.
    """

    name: str
    version: str
    parameters: dict[str, Any]
    findings: int
    seconds: float
    reason: str
    account_ap: Measured
    event_ap: Measured
    points: tuple[Point, ...]
    roles: tuple[RoleRow, ...]
    typologies: tuple[TypologyRow, ...]
    bands: tuple[Band, ...]
    account_curve: tuple[tuple[float, float], ...]
    event_curve: tuple[tuple[float, float], ...]

    def at(self, threshold: float) -> Point:
        """The point nearest to a threshold."""
        return min(self.points, key=lambda item: abs(item.threshold - threshold))


@dataclass(frozen=True, slots=True)
class DataNote:
    """One data set of a setting: what it is and how much of it is fraudulent."""

    name: str
    version: str
    seed: int | None
    transfers: int
    accounts: int
    fraud_accounts: int
    fraud_events: int
    groups: int


@dataclass(frozen=True, slots=True)
class FairRow:
    """Error rates of one group at the operating point.

    Counts below `evaluation.fairness.LEAST` are None and the rates that would rest on them withheld (`suppressed`: at least
    one is); `flagged`: at least one rests on few accounts.
    """

    dimension: str
    group: str
    honest: int | None
    fraud: int | None
    false_positive: Measured
    false_negative: Measured
    precision: Measured
    suppressed: bool
    flagged: bool


@dataclass(frozen=True, slots=True)
class Fairness:
    """Error rates by group for one algorithm; `overall` is everybody; `limits` says what this cannot know."""

    algorithm: str
    threshold: float
    overall: FairRow
    rows: tuple[FairRow, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Detection as of one past moment: findings at the operating point, gangs first alerted then, of those active by then."""

    until_ms: int
    findings: int
    right: int
    new_groups: int
    alerted_groups: int
    active_groups: int


@dataclass(frozen=True, slots=True)
class GroupAlert:
    """One gang in the back-test: first fraudulent event, first right alert (None: never), and by which algorithm.

    Shares are of the money stolen by the gang: moved before its first alert, and after.
    """

    group: str
    typology: str
    first_ms: int
    alert_ms: int | None
    algorithm: str
    stolen_before: float
    stolen_after: float


@dataclass(frozen=True, slots=True)
class AccountAlert:
    """A culprit's account in the back-test: first fraudulent event, and the first right alert that accuses it (None: never)."""

    role: str
    first_ms: int
    alert_ms: int | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """History replayed: at each cut detection saw only what had happened before it."""

    data: str
    version: str
    known_by: str
    step_days: float
    threshold: float
    cuts: tuple[Cut, ...]
    alerts: tuple[GroupAlert, ...]
    median_days: Measured
    stolen_after_alert: Measured
    setting: str = ""
    accounts: tuple[AccountAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of data (size and difficulty, or a file) with the results of every algorithm, and fairness."""

    name: str
    data: tuple[DataNote, ...]
    notes: tuple[str, ...]
    algorithms: tuple[AlgorithmResult, ...]
    fairness: tuple[Fairness, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole evaluation. `operating` is the score from which findings count as alerts in roles, typologies and fairness."""

    form: int
    title: str
    created_at_ms: int
    operating: float
    settings: tuple[Setting, ...]
    backtests: tuple[Backtest, ...]
    notes: tuple[str, ...]


_ADAPTER = TypeAdapter(Report)


def to_json(report: Report) -> str:
    """The report as JSON text; `from_json` gives an equal one."""
    return _ADAPTER.dump_json(report, indent=1).decode()


def from_json(text: str) -> Report:
    """A report from its JSON. Raises ValueError for another form."""
    return _ADAPTER.validate_json(text)
