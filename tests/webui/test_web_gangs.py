"""Gangs and areas as pages and API: what they show, what they hide, who may see them, and what is on record."""

from __future__ import annotations

from collections.abc import Iterator

import gang_town
import pytest
from conftest import PASSWORD
from flask.testing import FlaskClient
from gang_town import CARD, GANG, OTHER
from small_town import HOSTILE
from test_web_pages import Reader

from core.db import transaction
from security import audit
from security.audit import AuditFilter
from security.roles import system_actor
from usecases import access, people, verdicts
from usecases.services import Services
from webui.app import create_app
from webui.heat import day_chart, level, levels


@pytest.fixture(scope="module")
def gang_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    built = gang_town.build(tmp_path_factory.mktemp("gangs"))
    yield built
    built.store.close()
    built.engine.dispose()


@pytest.fixture(scope="module")
def clients(gang_services: Services) -> dict[str, FlaskClient]:
    """One client signed in for each role."""
    app = create_app(gang_services, {"RATELIMIT_ENABLED": False, "TESTING": False})
    made = {}
    for role in ("analyst", "auditor", "administrator"):
        person = people.create(gang_services, system_actor(), f"{role}-g", (role,), "Test Person")
        access.change_password(gang_services, person.person.actor("127.0.0.1"), person.password, PASSWORD)
        signed = access.sign_in(gang_services, f"{role}-g", PASSWORD, "127.0.0.1")
        assert signed is not None
        made[role] = app.test_client()
        with made[role].session_transaction() as session:
            session["sid"] = signed.token
    return made


def test_the_list_shows_the_last_run_only(clients: dict[str, FlaskClient]) -> None:
    page = clients["analyst"].get("/gangs").text
    for part in (GANG, "50,000.00 CNY", "task scam", "grew", "+1", "suggested"):
        assert part in page, part
    assert OTHER not in page


def test_a_gangs_page_shows_its_profile_and_runs_nothing(clients: dict[str, FlaskClient]) -> None:
    answer = clients["analyst"].get(f"/gangs/{GANG}")
    page = answer.text
    for part in ("mule", "unclear", "东湖区", "60 and over", "在家点赞做任务", "likeness 0.97", "3,000.00 CNY", "2024-05-03", "Asia/Shanghai",
                 "/explorer?finding=F-run-g2-0", "A-collector", "rt-heat-5", "roles by the scorecard", "suggestion"):  # fmt: skip
        assert part in page, part
    reader = Reader()
    reader.feed(page)
    assert reader.bad == [] and HOSTILE not in page
    assert CARD not in page and "****1111" in page
    assert page.count("run-g") >= 2  # both runs stand under growth


def test_the_gangs_own_accounts_stand_first_and_its_victims_last(clients: dict[str, FlaskClient]) -> None:
    page = clients["analyst"].get(f"/gangs/{GANG}").text
    heads = ["Accounts of the gang", "Hours", "Who and what belongs to it", "Shared devices, phones and addresses", "Calling phones", "Likely victims <"]  # fmt: skip
    places = [page.index(head, page.index("What speaks against it")) for head in heads]
    assert places == sorted(places)
    accounts, rest = page[places[0] : places[1]], page[places[2] :]
    assert "A-collector" in accounts and "unclear 1" in accounts and "A-victim" not in accounts
    assert rest.index("D1") < rest.index("+8613800138000") < rest.index("A-victim")


def test_a_gang_that_is_gone_says_so(clients: dict[str, FlaskClient]) -> None:
    page = clients["analyst"].get(f"/gangs/{OTHER}")
    assert page.status_code == 200 and "did not find this gang any more" in page.text
    assert clients["analyst"].get("/gangs/gang-nobody").status_code == 404


def test_areas_count_by_region_and_filter(clients: dict[str, FlaskClient], gang_services: Services) -> None:
    page = clients["analyst"].get("/areas").text
    assert "东湖区" in page and "333.3<" in page  # 2 of 6 accounts
    assert clients["analyst"].get("/areas?typology=romance").text.count("rt-heat-5") == 0
    assert clients["analyst"].get("/areas?typology=nonsense").status_code == 422
    told = clients["analyst"].get("/api/v1/areas").json
    by_name = {area["region"]: area for area in told["areas"]}
    assert (by_name["东湖区"]["accounts"], by_name["东湖区"]["members"]) == (6, 2)
    assert by_name["unknown"]["victims"] == 1 and told["hours"][2][12] == 4 and told["gangs"] == [GANG]
    assert clients["analyst"].get("/api/v1/areas?adopted=true").json["gangs"] == []


def test_the_api_tells_the_same(clients: dict[str, FlaskClient]) -> None:
    (gang,) = clients["analyst"].get("/api/v1/gangs").json["gangs"]
    assert (gang["id"], gang["status"], gang["joined"], gang["typology"]["label"]) == (
        GANG,
        "suggested",
        ["A-collector"],
        "task_scam",
    )
    one = clients["analyst"].get(f"/api/v1/gangs/{GANG}").json
    assert len(one["members"]) == 6 and one["days"][0]["kept_minor"] == 300_000 and len(one["history"]) == 1
    assert CARD not in str(one)
    assert clients["analyst"].get("/api/v1/gangs/nobody").status_code == 404


def test_who_may_not_read_findings_sees_no_gang(clients: dict[str, FlaskClient]) -> None:
    refused = [role for role in ("auditor", "administrator") if clients[role].get("/gangs").status_code == 403]
    assert "administrator" in refused
    for address in (f"/gangs/{GANG}", "/areas", "/api/v1/gangs", f"/api/v1/gangs/{GANG}", "/api/v1/areas"):
        assert clients["administrator"].get(address).status_code == 403, address


def test_reading_a_gang_is_on_record(clients: dict[str, FlaskClient], gang_services: Services) -> None:
    clients["analyst"].get(f"/gangs/{GANG}")
    with transaction(gang_services.engine) as session:
        found, _ = audit.page(session, AuditFilter(action="gang.read"), 50, 0)
    assert any(GANG in line.target for line in found)


def test_an_adopted_gang_shows_its_status(clients: dict[str, FlaskClient], gang_services: Services) -> None:
    one, two = (
        people.create(gang_services, system_actor(), name, ("supervisor",), "S").person.actor("x")
        for name in ("s1-g", "s2-g")
    )
    verdicts.give(gang_services, one, "F-run-g2-0", verdicts.Verb.ADOPT, "looked at every transfer of it")
    verdicts.give(gang_services, two, "F-run-g2-0", verdicts.Verb.CONFIRM, "checked the devices with the bank")
    assert "Adopted by two people" in clients["analyst"].get(f"/gangs/{GANG}").text
    assert clients["analyst"].get("/api/v1/areas?adopted=true").json["gangs"] == [GANG]


def test_shades_and_bars() -> None:
    assert [level(count, 10) for count in (0, 1, 5, 10)] == [0, 1, 3, 5] and level(3, 0) == 0
    assert levels([]) == [] and levels([[0, 2]]) == [[(0, 0), (2, 5)]]
    assert day_chart([]) is None
    from usecases.gangs import Day

    chart = day_chart([Day("2024-05-01", 100, 40, 60), Day("2024-05-02", 0, 0, 60)])
    assert chart is not None
    assert chart.bars[0].up == chart.middle and chart.bars[1].up == 0
