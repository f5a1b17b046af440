"""Measuring detection: evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.data import Difficulty
from cli.detection import parameters_of
from cli.output import Format, notes, show
from core.clock import DAY_MS, iso
from core.errors import BadInput
from core.settings import Settings
from evaluation.measured import Measured
from evaluation.replays import Replayed, replayed
from evaluation.report import Backtest, Fairness, Report, Setting, to_json
from security.roles import system_actor
from usecases import bootstrap
from usecases.evaluate import Ask
from usecases.evaluate import evaluate as run_evaluation


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(evaluate)


def evaluate(
    data: Annotated[
        list[Path] | None, typer.Argument(help="Labelled files or folders (AMLSim, AMLworld, PaySim, a generated town)")
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Format of the files; guessed when left out")] = None,
    size: Annotated[list[int] | None, typer.Option(help="Transfers of generated towns; repeatable")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of the towns, with commas")] = "7,8,9",
    difficulty: Annotated[list[Difficulty] | None, typer.Option(help="How well gangs hide; repeatable")] = None,
    loaded: Annotated[bool, typer.Option("--loaded", help="The data loaded here, where it came with labels")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this algorithm; repeatable")] = None,
    at: Annotated[float, typer.Option(help="Score from which a finding counts as an alert")] = 0.7,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Replay history: what would have been found when")
    ] = False,
    step_days: Annotated[float, typer.Option(help="Days between the back-test's dates")] = 7.0,
    replays: Annotated[int, typer.Option(min=1, help="Data sets (seeds) the back-test replays")] = 1,
    with_model: Annotated[
        bool, typer.Option("--with-model", help="Also the risk model, fitted on six more towns of other seeds")
    ] = False,
    params: Annotated[str, typer.Option(help="JSON by algorithm, other than the defaults; needs --no-save")] = "{}",
    title: Annotated[str, typer.Option(help="Title of the saved report")] = "",
    save: Annotated[bool, typer.Option(help="Keep the report and its error rates")] = True,
    form: Annotated[Format, typer.Option("--output", help="table, csv or json (the whole report)")] = Format.TABLE,
) -> None:
    """Measure every algorithm against known truth; without data or --loaded, on generated towns of 100,000 transfers."""
    sizes = tuple(size or (() if data or loaded else (100_000,)))
    ask = Ask(
        sizes=sizes, seeds=_seeds(seeds), difficulties=tuple(item.value for item in difficulty or (Difficulty.NORMAL,)),
        files=tuple((path, format_) for path in data or ()), loaded=loaded, names=tuple(only or ()), operating=at,
        backtest=backtest, step_days=step_days, replays=replays, with_model=with_model, parameters=parameters_of(params), title=title,
    )  # fmt: skip
    services = bootstrap.open_ledger(Settings())
    try:
        report, kept = run_evaluation(
            services, system_actor(), ask, save=save, progress=lambda what: notes.print(what, style="dim", markup=False)
        )
    finally:
        bootstrap.close(services)
    if form is Format.JSON:
        print(to_json(report))
    else:
        print_report(report, form)
    if kept is not None:
        notes.print(f"saved as {kept.id}; findings are now shown with these error rates", markup=False)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"--seeds {text}: expected whole numbers with commas, like 7,8,9") from error


def told(figure: Measured, *, share: bool = True) -> str:
    """A figure with its interval; a dash when it was not measured."""
    if figure.value is None:
        return "-"
    form = "{:.3f}" if share else "{:.1f}"
    if figure.low is None or figure.high is None:
        return form.format(figure.value)
    return f"{form.format(figure.value)} [{form.format(figure.low)}, {form.format(figure.high)}]"


def print_report(report: Report, form: Format) -> None:
    """The report's tables on stdout."""
    for setting in report.settings:
        _print_setting(setting, report.operating, form)
        for fairness in setting.fairness:
            _print_fairness(fairness, form)
    for item in report.backtests:
        _print_backtest(item, form)
    for whole in replayed(report.backtests):
        _print_replayed(whole, form)


def _print_setting(setting: Setting, operating: float, form: Format) -> None:
    first = setting.data[0]
    if form is Format.TABLE:
        print(f"\n{setting.name}: {len(setting.data)} data {'set' if len(setting.data) == 1 else 'sets'}; the first has {first.accounts:,} accounts, {first.fraud_accounts:,} "
              f"fraudulent, {first.groups} gangs or attempts. [95% interval over data sets]")  # fmt: skip
        for note in setting.notes:
            print(f"  note: {note}")
    at = f"score >= {operating:.1f}"
    _print_algorithms(setting, operating, at, form)
    _print_roles(setting, at, form)
    _print_typologies(setting, at, form)


def _print_algorithms(setting: Setting, operating: float, at: str, form: Format) -> None:
    rows = []
    for result in setting.algorithms:
        point = result.at(operating)
        if result.reason:
            rows.append((result.name, result.version, 0, f"not measured: {result.reason}", *([""] * 8)))
            continue
        rows.append((
            result.name, result.version, result.findings, told(result.account_ap), told(result.event_ap), told(point.findings),
            told(point.account_precision), told(point.account_recall), told(point.account_f1), told(point.money_recall),
            told(point.groups_found), told(point.alerts_per_group, share=False),
        ))  # fmt: skip
    show(
        ("algorithm", "version", "findings", "PR-AUC accounts", "PR-AUC events", f"right findings, {at}", "account precision",
         "account recall", "F1", "money recall", "gangs found", "alerts per gang"),
        rows, form, setting.name,
    )  # fmt: skip


def _print_roles(setting: Setting, at: str, form: Format) -> None:
    roles = [
        (result.name, row.role, int(row.recall.bottom), told(row.recall), told(row.named_so), told(row.victim_accused))
        for result in setting.algorithms for row in result.roles if row.recall.top
    ]  # fmt: skip
    show(
        ("algorithm", "true role", "accounts", "found", "of those under this role", "victims accused"),
        roles,
        form,
        f"by role, {at}",
    )


def _print_typologies(setting: Setting, at: str, form: Format) -> None:
    kinds = [
        (result.name, row.typology, int(row.found.bottom), told(row.found), told(row.money), told(row.alerts, share=False))
        for result in setting.algorithms for row in result.typologies if row.found.top
    ]  # fmt: skip
    show(
        ("algorithm", "typology", "gangs or attempts", "found", "money recall", "right alerts per gang"),
        kinds,
        form,
        f"by typology, {at}",
    )


def _print_fairness(fairness: Fairness, form: Format) -> None:
    rows = [
        (row.dimension, row.group, row.honest if row.honest is not None else "<10", row.fraud if row.fraud is not None else "<10",
         told(row.false_positive), told(row.false_negative), told(row.precision),
         "withheld" if row.suppressed else "few" if row.flagged else "")
        for row in (fairness.overall, *fairness.rows)
    ]  # fmt: skip
    show(("by", "group", "honest", "fraudulent", "false positive rate", "false negative rate", "precision", "note"), rows, form,
         f"fairness of {fairness.algorithm}, score >= {fairness.threshold}")  # fmt: skip
    if form is Format.TABLE:
        for text in fairness.limits:
            print(f"  cannot know: {text}")


def _print_backtest(item: Backtest, form: Format) -> None:
    rows = [
        (iso(cut.until_ms)[:16], cut.findings, cut.right, cut.new_groups, cut.alerted_groups, cut.active_groups)
        for cut in item.cuts
    ]  # fmt: skip
    show(
        ("as of", "alerts", "right", "gangs first found", "found so far", "gangs active by then"),
        rows,
        form,
        f"back-test on {item.data}",
    )
    if form is Format.TABLE:
        print(f"  days from a gang's first fraudulent event to its first alert, median: {told(item.median_days, share=False)}; "
              f"{int(item.median_days.top)} of {len(item.alerts)} gangs found; "
              f"share of stolen money moved after the first alert: {told(item.stolen_after_alert)}")  # fmt: skip
    show(
        ("gang", "typology", "first event", "first alert", "days", "by", "stolen before it", "after it"),
        [
            (alert.group, alert.typology, iso(alert.first_ms)[:16], iso(alert.alert_ms)[:16] if alert.alert_ms else "never",
             f"{(alert.alert_ms - alert.first_ms) / DAY_MS:.1f}" if alert.alert_ms else "-", alert.algorithm,
             f"{alert.stolen_before:.1f}", f"{alert.stolen_after:.1f}")
            for alert in item.alerts
        ], form, "gang by gang; stolen in median payments",
    )  # fmt: skip


def _print_replayed(whole: Replayed, form: Format) -> None:
    rows = [
        (by, item.name, int(item.found.bottom), told(item.found), told(item.days, share=False))
        for by, items in (("all", (whole.gangs,)), ("typology", whole.typologies), ("role", whole.roles)) for item in items
    ]  # fmt: skip
    show(("by", "of", "gangs, or accounts of a role", "alerted", "days to the first alert, median"), rows, form,
         f"back-tests together: {whole.setting}, {whole.data_sets} data sets; stolen money moved after the first alert {told(whole.stolen_after)}")  # fmt: skip
