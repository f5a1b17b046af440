"""Judging a finding in the browser and over the API: four eyes, grounds, status everywhere the finding is shown."""

from __future__ import annotations

import pytest
import small_town
from small_town import CHAIN

from core.db import transaction
from core.errors import NotAllowed
from security import audit
from security.audit import AuditFilter
from security.roles import system_actor
from usecases import access, verdicts
from usecases import people as usecase
from webui.app import create_app

PASSWORD = "correct horse battery staple"
GROUNDS = "The victim's statement fits; Wang checked the bank's answer."


@pytest.fixture
def services(tmp_path):
    """A town of one's own: verdicts stay."""
    built = small_town.build(tmp_path)
    yield built
    built.store.close()
    built.engine.dispose()


@pytest.fixture
def app(services):
    return create_app(services, {"RATELIMIT_ENABLED": False})


@pytest.fixture
def people(services, app):
    """Clients of an analyst and two supervisors."""

    def client(name, *roles):
        made = usecase.create(services, system_actor(), name, roles, "")
        access.change_password(services, made.person.actor(""), made.password, PASSWORD)
        made_client = app.test_client()
        token = access.sign_in(services, name, PASSWORD, "").token
        with made_client.session_transaction() as session:
            session["sid"] = token
        made_client.environ_base["HTTP_X_CSRFTOKEN"] = made_client.get("/api/v1/me").json["csrf_token"]
        return made_client

    return client("analyst1", "analyst"), client("super1", "supervisor"), client("super2", "supervisor")


def test_a_finding_is_a_suggestion_until_two_people_adopt_it(people, services):
    analyst, first, second = people
    page = first.get(f"/findings/{CHAIN}").text
    assert "suggestion" in page and "Propose adoption" in page and "Confirm the adoption" not in page
    form = {"verb": "adopt", "grounds": GROUNDS, "seen_step": "0"}
    answer = first.post(f"/findings/{CHAIN}/verdicts", data=form)
    assert (answer.status_code, answer.location) == (303, f"/findings/{CHAIN}#verdict")
    assert "Confirm the adoption" not in first.get(f"/findings/{CHAIN}").text
    assert first.post(f"/findings/{CHAIN}/confirmation", data={"grounds": GROUNDS, "seen_step": "1"}).status_code == 403
    assert (
        analyst.post(f"/findings/{CHAIN}/confirmation", data={"grounds": GROUNDS, "seen_step": "1"}).status_code == 403
    )
    assert "Confirm the adoption" in second.get(f"/findings/{CHAIN}").text
    assert (
        second.post(f"/findings/{CHAIN}/confirmation", data={"grounds": GROUNDS, "seen_step": "1"}).status_code == 303
    )
    page = analyst.get(f"/findings/{CHAIN}").text
    assert "Adopted by two people" in page and "super1" in page and "super2" in page and "statement fits" in page
    assert "rt-verdict-adopted" in analyst.get("/findings").text
    with transaction(services.engine) as session:
        lines, _ = audit.page(session, AuditFilter(text=CHAIN), 100, 0)
    done = [
        (line.action, line.outcome, line.actor_name)
        for line in lines
        if line.action in ("finding.adopt", "finding.confirm")
    ]
    assert ("finding.confirm", "ok", "super2") in done and ("finding.confirm", "four_eyes", "super1") not in done
    assert ("finding.confirm", "refused", "super1") in done and ("finding.adopt", "ok", "super1") in done


def test_the_api_carries_status_and_history(people):
    analyst, first, _ = people
    assert {item["status"] for item in analyst.get("/api/v1/findings").json["findings"]} == {"suggested"}
    body = {"verb": "need_more", "grounds": GROUNDS, "seen_step": 0}
    answer = analyst.post(f"/api/v1/findings/{CHAIN}/verdicts", json=body)
    assert (answer.status_code, answer.json["status"], answer.json["by"]) == (201, "needs_more", "analyst1")
    told = analyst.get(f"/api/v1/findings/{CHAIN}").json
    assert told["status"] == "needs_more" and [act["verb"] for act in told["verdicts"]] == ["need_more"]
    assert analyst.post(f"/api/v1/findings/{CHAIN}/verdicts", json=body).status_code == 409
    for bad in ({"verb": "confirm"}, {"grounds": "x"}, {"seen_step": True}, {"by": "somebody"}):
        assert analyst.post(f"/api/v1/findings/{CHAIN}/verdicts", json=body | bad).status_code == 422, bad
    assert first.post("/api/v1/findings/none/verdicts", json=body).status_code == 404


def test_bad_forms_are_refused(people):
    analyst, *_ = people
    for bad in ({"verb": "confirm"}, {"verb": ""}, {"grounds": "no"}, {"seen_step": "-1"}, {"seen_step": ""}):
        form = {"verb": "reject", "grounds": GROUNDS, "seen_step": "0"} | bad
        assert analyst.post(f"/findings/{CHAIN}/verdicts", data=form).status_code == 422, bad


def test_the_command_line_is_no_person(services):
    with pytest.raises(NotAllowed, match="person's act"):
        verdicts.give(services, system_actor(), CHAIN, verdicts.Verb.REJECT, GROUNDS)
