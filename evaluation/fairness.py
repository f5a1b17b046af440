"""Error rates by age group, region and bank: whom detection wrongs more often than others, as far as labels can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from evaluation.labels import Labels
from evaluation.layered import Scannable
from evaluation.measured import NOT_MEASURED, Measured, Ratio, pooled
from evaluation.report import Fairness, FairRow

#: Below so many accounts of a kind a rate says nothing and may point at persons: withheld.
LEAST = 10
#: Below so many it is shown and flagged as uncertain.
FEW = 50
AGES = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 200))
DIMENSIONS = ("age", "region", "bank")
LIMITS = (
    "It counts accounts against this data set's labels. Real labels come from reports and investigations: groups that report "
    "less or are looked at more make the rates wrong, and nothing here can show by how much.",
    "In generated towns age, region and bank are drawn without regard to crime (gangs' fresh accounts: ages 18 to 39, held "
    "from elsewhere): equal rates there show that the algorithms do not look at these traits, not that life treats people alike.",
    "Age is that of the account's holder in the data; accounts without a known holder are 'unknown'. A rented or stolen identity "
    "gives the age of the person whose name it is.",
    "Nothing is known of ethnicity, religion, health, income or migration, and none of it may be guessed from names.",
    "The rates are of suggestions before any person looked. What people made of them is told by verdicts.",
)


@dataclass(slots=True)
class _Cell:
    false_positive: int = 0
    honest: int = 0
    false_negative: int = 0
    fraud: int = 0
    right: int = 0
    flagged: int = 0


@dataclass(slots=True)
class Counts:
    """Counts of one data set by (dimension, group)."""

    cells: dict[tuple[str, str], _Cell] = field(default_factory=lambda: defaultdict(_Cell))


def group_counts(base: Scannable, labels: Labels, scores: Mapping[str, float], threshold: float) -> Counts:
    """Wrongly and rightly flagged accounts (score at least `threshold`) by group. Victims count as honest."""
    counts = Counts()
    for account, traits in _traits(base, labels):
        is_fraud, is_flagged = account in labels.accounts, scores.get(account, 0.0) >= threshold
        for key in (("all", "everybody"), *traits):
            cell = counts.cells[key]
            cell.flagged += is_flagged
            cell.right += is_flagged and is_fraud
            if is_fraud:
                cell.fraud += 1
                cell.false_negative += not is_flagged
            else:
                cell.honest += 1
                cell.false_positive += is_flagged
    return counts


def fairness_of(algorithm: str, parts: Sequence[Counts], threshold: float) -> Fairness:
    """Rates of all data sets together, by group; groups of fewer than LEAST accounts of a kind are withheld."""
    keys = sorted({key for part in parts for key in part.cells})
    rows = [_row(key, [part.cells[key] for part in parts if key in part.cells]) for key in keys]
    overall = next((row for row in rows if row.dimension == "all"), _row(("all", "everybody"), []))
    order = {name: place for place, name in enumerate(DIMENSIONS)}
    kept = sorted((row for row in rows if row.dimension != "all"), key=lambda row: (order[row.dimension], row.group))
    return Fairness(algorithm, threshold, overall, tuple(kept), LIMITS)


def _row(key: tuple[str, str], cells: Sequence[_Cell]) -> FairRow:
    honest, fraud = sum(cell.honest for cell in cells), sum(cell.fraud for cell in cells)
    flagged = sum(cell.flagged for cell in cells)
    return FairRow(
        key[0], key[1], honest if honest >= LEAST else None, fraud if fraud >= LEAST else None,
        _rate([Ratio(cell.false_positive, cell.honest) for cell in cells], honest),
        _rate([Ratio(cell.false_negative, cell.fraud) for cell in cells], fraud),
        _rate([Ratio(cell.right, cell.flagged) for cell in cells], flagged),
        suppressed=min(honest, fraud, flagged) < LEAST,
        flagged=min(honest, fraud, flagged) < FEW,
    )  # fmt: skip


def _rate(parts: Iterable[Ratio], count: int) -> Measured:
    """The rate, or nothing when it would rest on fewer than LEAST accounts: the counts are withheld with it."""
    return pooled(list(parts)) if count >= LEAST else NOT_MEASURED


def _traits(base: Scannable, labels: Labels) -> Iterable[tuple[str, tuple[tuple[str, str], ...]]]:
    frame = pl.from_arrow(base.scan_nodes("Account", ["id", "kind", "region", "institution"]))
    assert isinstance(frame, pl.DataFrame)
    # Cash machines are nobody's account.
    frame = frame.filter(pl.col("kind").fill_null("") != "cash")
    ages = _ages(base, labels)
    for id, _, region, bank in frame.iter_rows():
        yield id, (("age", ages.get(id, "unknown")), ("region", region or "unknown"), ("bank", bank or "unknown"))


def _ages(base: Scannable, labels: Labels) -> dict[str, str]:
    """Age group of each account's holder at the data's last fraudulent event."""
    persons = pl.from_arrow(base.scan_nodes("Person", ["id", "birth_date"]))
    owns = pl.from_arrow(base.scan_rels("OWNS", [], ("Person", "Account")))
    assert isinstance(persons, pl.DataFrame) and isinstance(owns, pl.DataFrame)
    latest = max((event.at_ms for event in labels.events.values()), default=None)
    if latest is None or not persons.height:
        return {}
    born = persons.with_columns(pl.col("birth_date").str.to_date("%Y-%m-%d", strict=False)).drop_nulls()
    day = pl.from_epoch(pl.lit(latest), time_unit="ms").dt.date()
    aged = born.select(from_id="id", age=((day - pl.col("birth_date")).dt.total_days() // 365.25).cast(pl.Int64))
    joined = owns.join(aged, on="from_id").sort("to_id", "from_id").unique("to_id", keep="first", maintain_order=True)
    return {account: age_group(age) for account, age in joined.select("to_id", "age").iter_rows()}


def age_group(age: int) -> str:
    """Name of the age group, e.g. `25-34`; `unknown` for an impossible age."""
    for low, high in AGES:
        if low <= age <= high:
            return f"{low}-{high}" if high < 200 else f"{low}+"
    return "unknown"
