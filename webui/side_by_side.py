"""Two evaluation reports side by side: the same algorithm on the same kind of data, figure by figure."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.measured import NOT_MEASURED, Measured
from evaluation.report import AlgorithmResult, Report


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure before and after. `apart`: the intervals do not overlap, so the change is more than chance between data sets."""

    name: str
    before: Measured
    after: Measured
    apart: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One algorithm on one setting in both reports; a version is empty where the report does not have it."""

    setting: str
    algorithm: str
    old_version: str
    new_version: str
    same_data: bool
    same_parameters: bool
    pairs: tuple[Pair, ...]


def side_by_side(before: Report, after: Report) -> list[Compared]:
    """Every algorithm and setting of either report, by setting, then algorithm."""
    old, new = _by_key(before), _by_key(after)
    versions = [
        {setting.name: tuple(note.version for note in setting.data) for setting in each.settings}
        for each in (before, after)
    ]
    found = []
    for key in sorted(old.keys() | new.keys()):
        left, right = old.get(key), new.get(key)
        found.append(
            Compared(
                *key, left.version if left else "", right.version if right else "",
                versions[0].get(key[0]) == versions[1].get(key[0]),
                bool(left and right and left.parameters == right.parameters),
                tuple(
                    _pair(name, a, b)
                    for (name, a), (_, b) in zip(_figures(left, before.operating), _figures(right, after.operating), strict=True)
                ),
            )
        )  # fmt: skip
    return found


def _by_key(report: Report) -> dict[tuple[str, str], AlgorithmResult]:
    return {(setting.name, item.name): item for setting in report.settings for item in setting.algorithms}


def _figures(result: AlgorithmResult | None, operating: float) -> list[tuple[str, Measured]]:
    names = (
        "account_ap",
        "findings",
        "account_precision",
        "account_recall",
        "account_f1",
        "money_recall",
        "groups_found",
    )
    if result is None or not result.points:
        return [(name, NOT_MEASURED) for name in names]
    point = result.at(operating)
    return [("account_ap", result.account_ap), *((name, getattr(point, name)) for name in names[1:])]


def _pair(name: str, before: Measured, after: Measured) -> Pair:
    apart = False
    if None not in (before.low, before.high, after.low, after.high):
        apart = bool(after.low > before.high or after.high < before.low)  # type: ignore[operator]
    return Pair(name, before, after, apart)
