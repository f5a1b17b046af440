"""Measuring detection against known truth, keeping the reports, and saying of any finding how often its like is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from algorithms._base import Algorithm, Params
from core.clock import now_ms
from core.db import transaction
from core.errors import BadInput
from core.message import say
from evaluation import datasets, error_rates, saved
from evaluation.assemble import evaluate_setting
from evaluation.backtest import Plan, backtest
from evaluation.datasets import DataSet
from evaluation.error_rates import ErrorRate
from evaluation.pretrained import with_learned_risk
from evaluation.report import FORM, Backtest, Report, Setting
from evaluation.running import uncapped
from evaluation.saved import Saved
from evaluation.truth import Truth
from graph.model import RowSet
from loaders.town.typologies import Difficulty
from security.roles import Actor, Permission
from usecases.auditing import audited
from usecases.changing import recorded
from usecases.detect import chosen
from usecases.load import choose_loader
from usecases.services import Services

MAX_SEEDS = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """What to evaluate on and how. `names` empty: every algorithm. `operating`: the score from which a finding is an alert.

    `replays`: how many data sets of a setting a back-test replays. `with_model`: also the risk model, on generated towns, fitted on towns of other seeds. `parameters`: by algorithm, other than the defaults;
    such a report is not kept, because findings are shown with the error rates of kept ones. A back-test has the defaults.
    """

    sizes: tuple[int, ...] = ()
    seeds: tuple[int, ...] = (7, 8, 9)
    difficulties: tuple[Difficulty, ...] = ("normal",)
    files: tuple[tuple[Path, str | None], ...] = ()
    loaded: bool = False
    names: tuple[str, ...] = ()
    operating: float = 0.7
    backtest: bool = False
    step_days: float = 7.0
    replays: int = 1
    with_model: bool = False
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    title: str = ""


def evaluate(
    services: Services,
    actor: Actor,
    ask: Ask,
    *,
    save: bool = True,
    progress: Callable[[str], None] = lambda _what: None,
) -> tuple[Report, Saved | None]:
    """Run the algorithms on labelled data and compare; the report, and where it was saved when it was.

    Nothing is written to the graph or the ledger. Raises NotAllowed, BadInput for a wrong request or data without labels.
    """
    with audited(services, actor, Permission.EVALUATION_RUN, "evaluation.run", ask.title, **_told(ask)) as said:
        _check(ask, save)
        settings: list[Setting] = []
        backtests: list[Backtest] = []
        names = [item.name for item in chosen(ask.names)]
        for group, town in _groups(services, ask):
            held: list[DataSet] = []
            setting = evaluate_setting(
                _first_kept(group, held, ask), names, ask.operating, progress, partial(_params_of, ask.parameters)
            )
            if ask.with_model and town is not None:
                setting = with_learned_risk(setting, town[0], ask.seeds, town[1], ask.operating, progress)
            settings.append(setting)
            if ask.backtest:
                plan = Plan(ask.step_days, ask.operating, names)
                backtests += [backtest(item, plan, progress) for item in held]
        title = ask.title or "; ".join(setting.name for setting in settings)
        report = Report(FORM, title[:200], now_ms(), ask.operating, tuple(settings), tuple(backtests), ())
        kept = None
        if save:
            with recorded(services, said) as session:
                kept = saved.keep(session, report, actor.name)
                said["report"] = kept.id
        return report, kept


def reports(services: Services, actor: Actor) -> list[Saved]:
    """Saved reports, newest first. Raises NotAllowed."""
    with (
        audited(services, actor, Permission.EVALUATION_READ, "evaluation.list"),
        transaction(services.engine) as session,
    ):
        return saved.listed(session)


def report(services: Services, actor: Actor, id: str) -> tuple[Saved, Report]:
    """One saved report. Raises NotFound, NotAllowed, StoreDamaged."""
    with (
        audited(services, actor, Permission.EVALUATION_READ, "evaluation.read", id),
        transaction(services.engine) as session,
    ):
        return saved.one(session, id)


def rates_of(services: Services, actor: Actor, findings: Iterable[Mapping[str, object]]) -> list[ErrorRate]:
    """How often findings like these were wrong on evaluation data, in the order given; each names kind, algorithm_version, score.

    Raises NotAllowed.
    """
    actor.need(Permission.FINDINGS_READ)
    asked = [(str(item["kind"]), str(item["algorithm_version"]), float(str(item["score"]))) for item in findings]
    with transaction(services.engine) as session:
        own = saved.rates(session, {kind for kind, _, _ in asked})
    measured = error_rates.merged(own, error_rates.shipped())
    return [error_rates.look_up(measured, *item) for item in asked]


def _params_of(parameters: Mapping[str, Mapping[str, Any]], algorithm: Algorithm) -> Params:
    return uncapped(algorithm, parameters.get(algorithm.name))


def _check(ask: Ask, save: bool) -> None:
    if ask.parameters and (save or ask.backtest):
        raise BadInput(
            "with other parameters than the defaults a report is not kept and nothing is replayed: add --no-save"
        )
    for item in chosen(list(ask.parameters)) if ask.parameters else ():
        uncapped(item, ask.parameters[item.name])
    if not (ask.sizes or ask.files or ask.loaded):
        raise BadInput("name something to evaluate on: generated towns, files, or the loaded data")
    if ask.replays < 1:
        raise BadInput(f"a back-test replays 1 data set or more, not {ask.replays}")
    if ask.with_model and not ask.sizes:
        raise BadInput("a risk model of other towns is measured on generated towns: name their size")
    if not ask.seeds or len(ask.seeds) > MAX_SEEDS or len(set(ask.seeds)) < len(ask.seeds):
        raise BadInput(say("give 1 to {most} different seeds", most=MAX_SEEDS))
    if not 0 < ask.operating <= 1:
        raise BadInput(say("the operating score is above 0 and at most 1, not {given}", given=ask.operating))


def _groups(services: Services, ask: Ask) -> Iterator[tuple[Iterator[DataSet], tuple[int, Difficulty] | None]]:
    """Data sets by setting, each made when it is needed, and size and difficulty of those that are generated towns."""
    for size in ask.sizes:
        for difficulty in ask.difficulties:
            yield datasets.towns(size, ask.seeds, difficulty), (size, difficulty)
    for path, name in ask.files:
        yield iter([datasets.file(path, choose_loader(path, name).name)]), None
    if ask.loaded:
        yield iter([_loaded(services)]), None


def _first_kept(group: Iterator[DataSet], held: list[DataSet], ask: Ask) -> Iterator[DataSet]:
    """The group's data sets; the first ones stay for the back-test, if one is asked for."""
    for item in group:
        if ask.backtest and len(held) < ask.replays:
            held.append(item)
        yield item


def _loaded(services: Services) -> DataSet:
    truth = Truth(services.ledger.truth())
    if not truth.table.num_rows:
        raise BadInput(
            "no loaded data carries labels: load a labelled data set, or evaluate on generated towns", code="no_truth"
        )
    return datasets.loaded(_facts(services), truth, services.ledger.head_seq())


def _facts(services: Services) -> Iterator[RowSet]:
    for entry in services.ledger.entries():
        if entry.format != "detect":
            yield from services.ledger.read(entry.seq)


def _told(ask: Ask) -> dict[str, object]:
    def listed(values: Sequence[object]) -> list[str]:
        return [str(value) for value in values]

    return {
        "sizes": listed(ask.sizes), "seeds": listed(ask.seeds), "difficulties": listed(ask.difficulties),
        "files": [path.name for path, _ in ask.files], "loaded": ask.loaded, "algorithms": listed(ask.names),
        "backtest": ask.backtest,
    }  # fmt: skip
