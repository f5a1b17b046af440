"""Puts the counts of several data sets together into one setting's results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from algorithms._base import Algorithm, Params
from evaluation.curve import Curve
from evaluation.datasets import DataSet
from evaluation.fairness import Counts, fairness_of, group_counts
from evaluation.judging import BANDS, THRESHOLDS, Key, Sample, sample
from evaluation.labels import known_events
from evaluation.measured import NOT_MEASURED, Measured, Ratio, pooled
from evaluation.report import AlgorithmResult, Band, DataNote, Point, RoleRow, Setting, TypologyRow
from evaluation.running import MODELS, Ran, run_all

CURVE_POINTS = 100
#: Algorithms whose account scores the fairness table is made of: the joined one.
FAIR = ("risk",)


@dataclass(slots=True)
class _Gathered:
    """One algorithm over the data sets of a setting."""

    ran: Ran
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0
    reason: str = ""


def evaluate_setting(
    data_sets: Iterable[DataSet],
    names: Sequence[str] | None,
    operating: float,
    progress: Callable[[str], None] = lambda _what: None,
    params_of: Callable[[Algorithm], Params] | None = None,
) -> Setting:
    """Run every algorithm on every data set of one setting and compare with the labels; `params_of` as in `run_all`.

    Raises ValueError without data.
    """
    notes: list[str] = []
    data: list[DataNote] = []
    gathered: dict[str, _Gathered] = {}
    fair: dict[str, list[Counts]] = {}
    name = ""
    for item in data_sets:
        name = item.named.setting
        data.append(_note(item))
        notes += [text for text in item.labels.notes if text not in notes]
        for ran in run_all(item.base, names, params_of=params_of, progress=partial(_said, progress, item.named.name)):
            seen = gathered.setdefault(ran.algorithm.name, _Gathered(ran))
            seen.seconds += ran.seconds
            seen.reason = seen.reason or ran.reason
            if ran.reason:
                continue
            cited = {event for found in ran.found for event in found.evidence_ids}
            made = sample(ran.found, item.labels, known_events(item.base, cited))
            seen.samples.append(made)
            if ran.algorithm.name in FAIR:
                counts = group_counts(item.base, item.labels, made.account_scores, operating)
                fair.setdefault(ran.algorithm.name, []).append(counts)
    if not data:
        raise ValueError("no data to evaluate on")
    results = tuple(_result(gathered[key], operating) for key in sorted(gathered))
    fairness = tuple(fairness_of(key, parts, operating) for key, parts in fair.items())
    return Setting(name, tuple(data), tuple(notes), results, fairness)


def _said(progress: Callable[[str], None], where: str, what: str) -> None:
    progress(f"{where}: {what}")


def _note(item: DataSet) -> DataNote:
    labels = item.labels
    return DataNote(
        item.named.name, item.named.version, item.named.seed, item.named.transfers, labels.n_accounts,
        len(labels.accounts), len(labels.events), len(labels.groups),
    )  # fmt: skip


def _result(seen: _Gathered, operating: float) -> AlgorithmResult:
    ratios = [part.ratios for part in seen.samples]

    def figure(*key: str) -> Measured:
        return pooled([part[key] for part in ratios if key in part])

    bands = [[part.bands[place] for part in seen.samples] for place in range(len(BANDS))]
    return AlgorithmResult(
        name=seen.ran.algorithm.name,
        version=seen.ran.algorithm.version,
        parameters=seen.ran.params.model_dump(mode="json", exclude={MODELS}),
        findings=sum(part.findings for part in seen.samples),
        seconds=round(seen.seconds, 2),
        reason=seen.reason,
        account_ap=figure("accounts", "average_precision"),
        event_ap=figure("events", "average_precision"),
        points=tuple(_point(threshold, figure) for threshold in THRESHOLDS),
        roles=_roles(ratios, figure, f"{operating:.1f}"),
        typologies=_typologies(ratios, figure, f"{operating:.1f}"),
        bands=tuple(
            Band(*BANDS[place], sum(right for right, _ in parts), sum(of for _, of in parts))
            for place, parts in enumerate(bands)
        ),
        account_curve=_thin(seen.samples[0].accounts) if seen.samples else (),
        event_curve=_thin(seen.samples[0].events) if seen.samples else (),
    )


def _point(threshold: float, figure: Callable[..., Measured]) -> Point:
    at = f"{threshold:.1f}"
    return Point(
        threshold=threshold,
        findings=figure("findings", "precision", at),
        account_precision=figure("accounts", "precision", at),
        account_recall=figure("accounts", "recall", at),
        account_f1=figure("accounts", "f1", at),
        event_precision=figure("events", "precision", at),
        event_recall=figure("events", "recall", at),
        event_f1=figure("events", "f1", at),
        money_recall=figure("money", "recall", at),
        groups_found=figure("groups", "recall", at),
        alerts_per_group=figure("groups", "alerts_each", at),
    )


def _named(ratios: Sequence[dict[Key, Ratio]], subject: str, at: str) -> list[str]:
    return sorted({key[2] for part in ratios for key in part if key[:2] == (subject, "recall") and key[-1] == at})


def _roles(ratios: Sequence[dict[Key, Ratio]], figure: Callable[..., Measured], at: str) -> tuple[RoleRow, ...]:
    return tuple(
        RoleRow(
            role,
            figure("role", "recall", role, at),
            figure("role", "named_so", role, at) if role != "victim" else NOT_MEASURED,
            figure("role", "victim_accused", role, at) if role == "victim" else NOT_MEASURED,
        )
        for role in _named(ratios, "role", at)
    )


def _typologies(
    ratios: Sequence[dict[Key, Ratio]], figure: Callable[..., Measured], at: str
) -> tuple[TypologyRow, ...]:
    return tuple(
        TypologyRow(name, *(figure("typology", what, name, at) for what in ("recall", "money", "alerts_each")))
        for name in _named(ratios, "typology", at)
    )


def _thin(made: Curve | None) -> tuple[tuple[float, float], ...]:
    """(recall, precision) of a curve, thinned evenly; the last point always stays."""
    if made is None or not made.points:
        return ()
    step = max(1, -(-len(made.points) // CURVE_POINTS))
    kept = [*made.points[::step], made.points[-1]]
    return tuple((round(point.recall, 5), round(point.precision, 5)) for point in kept)
