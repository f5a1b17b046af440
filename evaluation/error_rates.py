"""How often a finding like this one was wrong where the truth is known: by algorithm, version, score band and data.

Rates come from reports saved in this installation; where it has none for an algorithm's version, from `shipped.json`,
measured on generated towns by `python -m bench.error_rates`. Anything else is plainly not measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from core.proportion import Proportion
from evaluation.report import Report

SHIPPED = Path(__file__).with_name("shipped.json")
#: `report_id` of a rate that came with the product.
FROM_HOUSE = "shipped"
#: With fewer judged findings a rate is shown, but never put first.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """`right` of `of` judged findings scored from `low` to below `high` (to 1 in the last band) on one setting's data."""

    algorithm: str
    version: str
    setting: str
    low: float
    high: float
    right: int
    of: int
    measured_at_ms: int
    report_id: str

    @property
    def wrong(self) -> Proportion:
        """Wrong of judged, with its interval."""
        return Proportion(self.of - self.right, self.of)

    def holds(self, score: float) -> bool:
        """Whether the score is in this band."""
        return self.low <= score < self.high or (score == self.high == 1.0)


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """What is known of findings like one finding: `rates` of its band on each setting, `first` the one to show first.

    `first` is the setting with the most errors among those with ENOUGH judged findings (else the largest). None: not measured,
    and `why` says so in a sentence.
    """

    first: Rate | None
    rates: tuple[Rate, ...]
    why: str = ""

    @property
    def brief(self) -> str:
        """Wrong of judged on the data it did worst on, like `3 of 40`, for lists; empty when not measured."""
        return f"{self.first.wrong.right} of {self.first.of}" if self.first else ""


def of_report(report: Report) -> list[Rate]:
    """The error rates a report holds; bands without a judged finding are left out."""
    return [
        Rate(result.name, result.version, setting.name, band.low, band.high, band.right, band.of, report.created_at_ms, "")
        for setting in report.settings for result in setting.algorithms for band in result.bands if band.of
    ]  # fmt: skip


def look_up(measured: Sequence[Rate], algorithm: str, version: str, score: float) -> ErrorRate:
    """What is known of a finding of this algorithm, version and score."""
    own = [rate for rate in measured if rate.algorithm == algorithm]
    if not own:
        return ErrorRate(None, (), f"not measured: {algorithm} has not been evaluated")
    same = [rate for rate in own if rate.version == version]
    if not same:
        known = ", ".join(sorted({rate.version for rate in own}))
        return ErrorRate(None, (), f"not measured: version {version} has not been evaluated (version {known} has)")
    band = sorted((rate for rate in same if rate.holds(score)), key=lambda rate: rate.setting)
    if not band:
        return ErrorRate(
            None, (), f"not measured: the evaluation gave no finding of {algorithm} scored about {score:.2f}"
        )
    enough = [rate for rate in band if rate.of >= ENOUGH]
    first = min(enough, key=lambda rate: rate.right / rate.of) if enough else max(band, key=lambda rate: rate.of)
    return ErrorRate(first, tuple(band))


def merged(saved: Iterable[Rate], shipped: Iterable[Rate]) -> list[Rate]:
    """Saved rates, and shipped ones for settings that this installation has not measured itself."""
    own = list(saved)
    known = {(rate.algorithm, rate.version, rate.setting) for rate in own}
    return [*own, *(rate for rate in shipped if (rate.algorithm, rate.version, rate.setting) not in known)]


@cache
def shipped() -> tuple[Rate, ...]:
    """Rates that came with the product; none when the file is missing."""
    if not SHIPPED.is_file():
        return ()
    content = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return tuple(
        Rate(**item, measured_at_ms=content["measured_at_ms"], report_id=FROM_HOUSE) for item in content["rates"]
    )


def ship(report: Report, to: Path = SHIPPED) -> None:
    """Write a report's error rates as the shipped ones, in a stable order, so that a change reads well."""
    rates = sorted(of_report(report), key=lambda rate: (rate.algorithm, rate.version, rate.setting, rate.low))
    left_out = ("measured_at_ms", "report_id")
    rows = [{name: value for name, value in asdict(rate).items() if name not in left_out} for rate in rates]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    made_by = "python -m bench.error_rates"
    head = f'{{"form": 1, "made_by": "{made_by}", "measured_at_ms": {report.created_at_ms},\n "rates": [\n'
    to.write_text(f"{head}{lines}\n ]}}\n", encoding="utf-8")
