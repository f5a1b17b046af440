"""The evaluation pages, and what a finding's page, API and exports say of how often its like is wrong."""

from __future__ import annotations

import pytest
from small_town import CHAIN

from core.db import transaction
from evaluation import report as reports
from evaluation import saved
from evaluation.judging import BANDS, THRESHOLDS
from evaluation.measured import NOT_MEASURED, Measured
from security import audit
from security.audit import AuditFilter
from security.roles import system_actor
from tests.evaluation.evaluation_samples import write_amlworld_pair, write_paysim
from usecases import evaluate, exporting, standing_notes
from usecases.exporting import ExportOrder


def figure(value, low=0.1, high=0.9):
    return Measured(value, low, high, 1, 2, 2)


def made(title, value, version="1.0", seed=7):
    points = tuple(reports.Point(t, *[figure(value, value - 0.01, value + 0.01)] * 10) for t in THRESHOLDS)
    bands = tuple(reports.Band(low, high, 30 if low == 0.9 else 0, 40 if low == 0.9 else 0) for low, high in BANDS)
    result = reports.AlgorithmResult(
        "mule_chain", version, {"window_s": 60}, 40, 1.5, "", figure(value), NOT_MEASURED, points,
        (reports.RoleRow("collector", figure(0.77), figure(0.5), NOT_MEASURED),), (reports.TypologyRow("loan", figure(1.0), figure(0.83), figure(2.3)),),
        bands, ((0.2, 1.0), (0.9, 0.8)), (),
    )  # fmt: skip
    broken = reports.AlgorithmResult(
        "fan_in", "1.0", {}, 0, 0.0, "needs a graph store", NOT_MEASURED, NOT_MEASURED, (), (), (), bands, (), ()
    )
    everybody = reports.FairRow("all", "everybody", 1000, 100, figure(0.01), figure(0.2), figure(0.8), False, False)
    small = reports.FairRow("age", "18-24", 40, None, figure(0.05), NOT_MEASURED, NOT_MEASURED, True, True)
    fair = reports.Fairness("risk", 0.7, everybody, (small,), ("It cannot know this.",))
    note = reports.DataNote("town <b>7</b>", f"ringtrace-town 1, seed {seed}", seed, 1000, 100, 10, 20, 2)
    setting = reports.Setting("a town", (note,), ("a note",), (broken, result), (fair,))
    replay = reports.Backtest(
        "town 7", "1", "event time", 7.0, 0.7, (reports.Cut(10, 3, 1, 1, 1, 2), reports.Cut(20, 5, 3, 0, 1, 2)),
        (reports.GroupAlert("G1", "loan", 5, 10, "mule_chain", 1.0, 2.0), reports.GroupAlert("G2", "loan", 5, None, "", 1.0, 0.0)),
        figure(4.5, 3, 6), figure(0.66), "towns", (reports.AccountAlert("collector", 5, 5 + 9 * 86_400_000),),
    )  # fmt: skip
    return reports.Report(reports.FORM, title, 1_764_000_000_000, 0.7, (setting,), (replay,), ())


@pytest.fixture(scope="module")
def kept(services):
    with transaction(services.engine) as session:
        return [
            saved.keep(session, made("first <script>", 0.5), "Wang"),
            saved.keep(session, made("second", 0.9, "1.1"), "Li"),
        ]


def test_one_report_shows_figures_curves_roles_fairness_and_the_replay(client_as, kept, services):
    page = client_as("analyst").get(f"/evaluation/{kept[0].id}").text
    for part in ("first &lt;script&gt;", "town &lt;b&gt;7&lt;/b&gt;", "ringtrace-town 1, seed 7", "0.50", "<polyline", "collector", "0.77",
                 "needs a graph store", "window_s=60", "30 / 40", "18-24", "&lt;10", "too few: withheld", "It cannot know this.", "never",
                 "4.5", "a note", "0.83", "2.3", "Time to the first alert", "accounts by role", "9.0"):  # fmt: skip
        assert part in page, part
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(action="evaluation.read"), 5, 0)
    assert lines[0].target == kept[0].id


def test_files_in_the_formats_of_the_field_become_reports_with_patterns_and_a_replay(client_as, services, tmp_path):
    (tmp_path / "amlworld").mkdir()
    write_amlworld_pair(tmp_path / "amlworld")
    write_paysim(tmp_path / "paysim.csv")
    (tmp_path / "amlsim").mkdir()
    (tmp_path / "amlsim" / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n1,1,100,3\n2,0,100,-1\n")
    (tmp_path / "amlsim" / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n1,2,5.00,1\n")
    names, client = ("cycle", "fan_out"), client_as("analyst")

    def page(path, **more):
        ask = evaluate.Ask(files=((path, None),), names=names, operating=0.3, **more)
        _, kept = evaluate.evaluate(services, system_actor(), ask)
        return client.get(f"/evaluation/{kept.id}").text

    world = page(tmp_path / "amlworld", backtest=True, step_days=3.0)
    for part in ("(amlworld)", "both ends", "<td>fan out</td>", "<td>cycle</td>", "Time to the first alert", "gangs by typology",
                 "Gang by gang", "of stolen money moved after the first alert"):  # fmt: skip
        assert part in world, part
    assert "(paysim)" in page(tmp_path / "paysim.csv")
    assert "(amlsim)" in page(tmp_path / "amlsim")


def test_the_list_and_two_side_by_side(client_as, kept):
    client = client_as("auditor")
    assert "second" in client.get("/evaluation").text
    page = client.get(f"/evaluation/compare?left={kept[0].id}&right={kept[1].id}").text
    assert "1.0 → 1.1" in page and "<b><span" in page and "0.900" in page
    assert client.get(f"/evaluation/compare?left={kept[0].id}").status_code == 422
    assert client.get(f"/evaluation/compare?left={kept[0].id}&right=nope").status_code == 404
    assert client.get("/evaluation/nope").status_code == 404


def test_a_finding_says_how_often_its_like_is_wrong(client_as, kept):
    client = client_as("analyst")
    page = client.get(f"/findings/{CHAIN}").text  # mule_chain 1.0, score 0.91
    assert "25%" in page and "a town" in page and kept[0].id in page
    told = client.get(f"/api/v1/findings/{CHAIN}").json["error_rate"]
    assert (told["first"]["wrong"], told["first"]["judged"], told["first"]["measured_on"]) == (10, 40, "a town")
    assert told["first"]["wrong_share_low"] < 0.25 < told["first"]["wrong_share_high"]
    other = client.get("/api/v1/findings/F-community").json["error_rate"]
    assert other["first"] is None and "not measured" in other["why_not"]
    assert "Not measured" in client.get("/findings/F-community").text


def test_lists_of_findings_say_it_too(client_as, kept):
    client = client_as("analyst")
    page = client.get("/findings").text
    assert "10 / 40" in page and "not measured: " in page
    listed = {item["id"]: item["error_rate"] for item in client.get("/api/v1/findings").json["findings"]}
    assert (listed[CHAIN]["wrong"], listed[CHAIN]["judged"]) == (10, 40) and listed["F-community"] is None


def test_exports_say_status_and_error_rate_of_the_findings_in_them(services, kept):
    for language, word in (("en", "10 were wrong"), ("zh", "10 个错误")):
        order = ExportOrder([("Account", "A-mule1")], "x", findings=(CHAIN,), language=language)
        file = exporting.export(services, system_actor(), "json_graph", order)
        assert word in file.content.decode() and CHAIN in file.content.decode()
    assert standing_notes.notes(services, system_actor(()), [], "en") == ()
