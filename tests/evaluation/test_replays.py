"""Time to the first alert over several data sets: who counts, whose median, and what an old report does not know."""

from __future__ import annotations

import json

from core.clock import DAY_MS
from evaluation import report as reports
from evaluation.measured import NOT_MEASURED
from evaluation.replays import median_days, replayed


def replay(name, alerts, accounts=(), setting="towns"):
    made = tuple(
        reports.GroupAlert(f"G{n}", kind, 0, None if days is None else int(days * DAY_MS), "risk", before, after)
        for n, (kind, days, before, after) in enumerate(alerts)
    )
    named = tuple(
        reports.AccountAlert(role, 0, None if days is None else int(days * DAY_MS)) for role, days in accounts
    )
    return reports.Backtest(name, "1", "event time", 7.0, 0.7, (), made, NOT_MEASURED, NOT_MEASURED, setting, named)


def test_gangs_typologies_and_roles_over_two_data_sets():
    one = replay(
        "a", [("loan", 2.0, 1, 3), ("romance", None, 4, 0)], [("mule", 1.0), ("mule", None), ("collector", 5.0)]
    )
    two = replay("b", [("loan", 4.0, 0, 2), ("loan", 9.0, 0, 0)], [("mule", 3.0)])
    other = replay("c", [("loan", 1.0, 0, 1)], setting="a file")
    towns, file = replayed([one, two, other])
    assert (towns.setting, towns.data_sets, file.setting, file.data_sets) == ("towns", 2, "a file", 1)
    assert (towns.gangs.found.top, towns.gangs.found.bottom, towns.gangs.days.value) == (3, 4, 4.0)
    assert towns.gangs.days.low <= 4.0 <= towns.gangs.days.high and towns.stolen_after.value == 0.5
    rows = {row.name: (row.found.top, row.found.bottom, row.days.value) for row in (*towns.typologies, *towns.roles)}
    assert rows == {"loan": (3, 3, 4.0), "romance": (0, 1, None), "mule": (2, 3, 2.0), "collector": (1, 1, 5.0)}


def test_nobody_alerted_has_no_days_and_an_interval_is_of_data_sets():
    assert median_days([[], []]) == NOT_MEASURED
    wide, narrow = median_days([[1.0] * 9, [9.0] * 9]), median_days([[1.0] * 9 + [9.0] * 9])
    assert (wide.low, wide.high) == (1.0, 9.0) and narrow.sets == 1 and wide.sets == 2


def test_a_report_from_before_these_figures_is_still_read():
    made = reports.Report(reports.FORM, "x", 1, 0.7, (), (replay("a", [("loan", 2.0, 1, 3)]),), ())
    old = json.loads(reports.to_json(made))
    for name in ("setting", "accounts"):
        del old["backtests"][0][name]
    (whole,) = replayed(reports.from_json(json.dumps(old)).backtests)
    assert whole.setting == "a" and whole.roles == () and whole.gangs.days.value == 2.0
