"""Reports from seeds to saved rows: settings, fairness, back-test, error rates; and what is honest about gaps."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from evaluation_samples import GANG, rows, shelf, transfer, truth
from sqlalchemy import text

from core.db import Base, make_engine, transaction
from core.errors import BadInput, NotFound, StoreDamaged
from evaluation import assemble, backtest, datasets, error_rates, fairness, report, saved
from evaluation.error_rates import Rate, look_up
from evaluation.labels import labels_of
from evaluation.tables import RateRow, ReportRow

NAMES = ("mule_chain", "fan_in", "risk")


@pytest.fixture(scope="module")
def made():
    setting = assemble.evaluate_setting(datasets.towns(6_000, (7, 8), "easy"), NAMES, 0.7)
    replay = backtest.backtest(datasets.town(6_000, 7, "easy"), backtest.Plan(20.0, 0.7, ("mule_chain",)))
    return report.Report(report.FORM, "made", 5, 0.7, (setting,), (replay,), ())


def test_a_report_survives_json(made):
    assert report.from_json(report.to_json(made)) == made
    with pytest.raises(ValueError):
        report.from_json(json.dumps({"form": 1}))


def test_chains_of_an_easy_town_are_found_over_two_seeds(made):
    results = {result.name: result for result in made.settings[0].algorithms}
    chain = results["mule_chain"]
    assert chain.account_ap.sets == 2 and chain.account_ap.value > 0.5
    assert chain.account_ap.low <= chain.account_ap.value <= chain.account_ap.high
    assert sum(band.of for band in chain.bands) <= chain.findings and chain.account_curve
    assert chain.parameters["window_s"] > 0 and chain.version
    assert [note.seed for note in made.settings[0].data] == [7, 8]


def test_the_back_test_finds_gangs_after_they_began_and_never_unfinds_them(made):
    replay = made.backtests[0]
    found = [alert for alert in replay.alerts if alert.alert_ms is not None]
    assert found and all(alert.alert_ms > alert.first_ms for alert in found)
    so_far = [cut.alerted_groups for cut in replay.cuts]
    assert so_far == sorted(so_far) and so_far[-1] == len(found)
    assert sum(cut.new_groups for cut in replay.cuts) == len(found)
    assert replay.median_days.value > 0 and 0 <= replay.stolen_after_alert.value <= 1


def test_a_back_test_without_gangs_or_with_too_many_cuts_is_refused():
    plain = datasets.DataSet(
        datasets.Named("x", "x", "1", 6),
        shelf(),
        labels_of(shelf(), truth(("Account", "m1", None, None, None, None, True))),
    )
    with pytest.raises(BadInput, match="no gangs"):
        backtest.backtest(plain, backtest.Plan())
    data = datasets.DataSet(datasets.Named("x", "x", "1", 6), shelf(), labels_of(shelf(), GANG))
    with pytest.raises(BadInput, match="at most 120"):
        backtest.backtest(data, backtest.Plan(step_days=0.01))
    with pytest.raises(BadInput, match="more than 0"):
        backtest.backtest(data, backtest.Plan(step_days=0))


def test_fairness_counts_errors_and_withholds_small_groups():
    people = [f"p{n}" for n in range(60)]
    accounts = rows(
        "Account",
        [{"id": f"a{n}", "kind": "bank", "institution": "A" if n < 40 else "B", "region": "R"} for n in range(60)],
    )
    births = rows(
        "Person", [{"id": p, "birth_date": "1950-06-01" if n < 30 else "2000-06-01"} for n, p in enumerate(people)]
    )
    owns = rows(
        "OWNS", [{"id": f"o{n}", "from_id": p, "to_id": f"a{n}"} for n, p in enumerate(people)], ("Person", "Account")
    )
    moved = rows("TRANSFER", [transfer("T1", "a0", "a1", 100, 1)], ("Account", "Account"))
    from evaluation.shelf import Shelf

    base = Shelf([accounts, births, owns, moved])
    labels = labels_of(
        base,
        truth(
            ("TRANSFER", "T1", "G", "layering", None, None, True),
            *(("Account", f"a{n}", "G", "mule", None, None, True) for n in range(12)),
        ),
    )
    counts = fairness.group_counts(base, labels, {f"a{n}": 0.9 for n in [*range(6), *range(20, 30)]}, 0.7)
    told = fairness.fairness_of("risk", [counts], 0.7)
    old = next(row for row in told.rows if row.group == "65+")
    assert (old.honest, old.fraud) == (18, 12)
    assert (old.false_positive.top, old.false_positive.bottom) == (10, 18) and old.false_negative.value == 0.5
    assert (old.precision.top, old.precision.bottom) == (6, 16) and not old.suppressed and old.flagged
    young = next(row for row in told.rows if row.group == "18-24")
    assert (
        young.suppressed
        and young.fraud is None
        and young.false_negative.value is None
        and young.precision.value is None
    )
    assert young.false_positive.value == 0.0
    assert any("cannot" in text or "Nothing" in text for text in told.limits)
    assert told.overall.honest == 48


def test_ages_fall_into_groups():
    assert [fairness.age_group(age) for age in (0, 17, 18, 24, 64, 65, 101, -1)] == ["0-17", "0-17", "18-24", "18-24", "55-64", "65+", "65+", "unknown"]  # fmt: skip


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    Base.metadata.create_all(made, tables=[RateRow.__table__, ReportRow.__table__])
    yield made
    made.dispose()


def test_reports_are_saved_listed_and_read_again_unchanged(engine, made):
    with transaction(engine) as session:
        kept = saved.keep(session, made, "Wang")
    with transaction(engine) as session:
        assert saved.listed(session) == [kept]
        assert saved.one(session, kept.id) == (kept, made)
        with pytest.raises(NotFound):
            saved.one(session, "none")
    with engine.begin() as connection:
        connection.execute(text("UPDATE evaluation_report SET content = '{}'"))
    with transaction(engine) as session, pytest.raises(StoreDamaged, match="not what was saved"):
        saved.one(session, kept.id)


def test_the_latest_report_gives_the_error_rates(engine, made):
    with transaction(engine) as session:
        saved.keep(session, made, "Wang")
        first = saved.rates(session, {"mule_chain"})
        again = saved.keep(session, replace(made, created_at_ms=9), "Wang")
        rates = saved.rates(session, {"mule_chain"})
    assert len(rates) == len(first) > 0 and {rate.report_id for rate in rates} == {again.id}
    chain = next(result for result in made.settings[0].algorithms if result.name == "mule_chain")
    assert sum(rate.of for rate in rates) == sum(band.of for band in chain.bands)


RATES = [
    Rate("a", "1", "easy", 0.7, 0.8, 95, 100, 0, "r"), Rate("a", "1", "hard", 0.7, 0.8, 6, 12, 0, "r"),
    Rate("a", "1", "tiny", 0.7, 0.8, 0, 1, 0, "r"), Rate("a", "1", "easy", 0.9, 1.0, 3, 3, 0, "r"),
]  # fmt: skip


def test_the_rate_shown_first_is_the_least_flattering_with_enough_behind_it():
    known = look_up(RATES, "a", "1", 0.75)
    assert (known.first.setting, known.first.wrong.share) == ("hard", 0.5) and len(known.rates) == 3
    assert look_up(RATES, "a", "1", 1.0).first.of == 3


@pytest.mark.parametrize(("asked", "why"), [(("b", "1", 0.7), "has not been evaluated"), (("a", "2", 0.7), "version 2"), (("a", "1", 0.1), "no finding of a scored about 0.10")])  # fmt: skip
def test_what_was_not_measured_says_so(asked, why):
    known = look_up(RATES, *asked)
    assert known.first is None and known.rates == () and "not measured" in known.why and why in known.why


def test_shipped_rates_give_way_to_ones_measured_here_on_the_same_data():
    own = [Rate("a", "1", "easy", 0.7, 0.8, 1, 2, 0, "mine")]
    together = error_rates.merged(own, RATES)
    assert own[0] in together and RATES[0] not in together and RATES[1] in together


def test_shipped_rates_are_written_in_a_form_that_is_read_again(tmp_path, made, monkeypatch):
    error_rates.ship(made, tmp_path / "shipped.json")
    monkeypatch.setattr(error_rates, "SHIPPED", tmp_path / "shipped.json")
    error_rates.shipped.cache_clear()
    try:
        assert {(r.algorithm, r.right, r.of) for r in error_rates.shipped()} == {
            (r.algorithm, r.right, r.of) for r in error_rates.of_report(made)
        }
    finally:
        error_rates.shipped.cache_clear()
