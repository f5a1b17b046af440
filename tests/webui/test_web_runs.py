"""The page of runs and its API: start, follow, stop; only for those who may run detection."""

from __future__ import annotations

import pytest
import small_town

from security.roles import system_actor
from usecases import access, people, runs
from webui.app import create_app
from webui.context import RUNS

PASSWORD = "correct horse battery staple 7"


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """A town of its own: runs write findings, and the shared one is read only."""
    built = small_town.build(tmp_path_factory.mktemp("runs"))
    yield built
    runs.stop_all()
    built.store.close()
    built.engine.dispose()


@pytest.fixture(scope="module")
def app(services):
    return create_app(services, {"RATELIMIT_ENABLED": False, "TESTING": False})


@pytest.fixture(scope="module")
def client_as(services, app):
    made = {}

    def client(role):
        if role not in made:
            person = people.create(services, system_actor(), f"{role}-runs", (role,), "Test Person")
            token = access.change_password(services, person.person.actor("127.0.0.1"), person.password, PASSWORD)
            made[role] = app.test_client()
            with made[role].session_transaction() as session:
                session["sid"] = token
            made[role].environ_base["HTTP_X_CSRFTOKEN"] = made[role].get("/api/v1/me").json["csrf_token"]
        return made[role]

    return client


@pytest.fixture
def board(app):
    return app.extensions[RUNS]


def test_a_run_started_on_the_page_ends_and_is_listed(client_as, board):
    analyst = client_as("analyst")
    assert analyst.post("/runs", data={"algorithm": "component", "engine": "local"}).status_code == 303
    run = board._runs[list(board._runs)[-1]]
    board.wait(run.id, 60)
    live = analyst.get("/runs/live").text
    assert "done" in live and run.by.name in live and "hx-trigger" not in live
    assert analyst.get(f"/api/v1/runs/{run.id}").json["state"] == "done"


def test_the_api_starts_and_stops(client_as, board):
    analyst = client_as("analyst")
    made = analyst.post("/api/v1/runs", json={"algorithms": ["community"]})
    assert made.status_code == 202 and made.json["algorithms"] == ["community"]
    assert analyst.post(f"/api/v1/runs/{made.json['id']}/stop", json={}).status_code == 202
    board.wait(made.json["id"], 60)
    assert analyst.get("/api/v1/runs").json["runs"][0]["state"] in ("done", "cancelled")
    assert analyst.post("/api/v1/runs", json={"algorithms": ["nope"]}).status_code == 422
    assert analyst.post("/api/v1/runs", json={"engine": "quantum"}).status_code == 422
    assert analyst.get("/api/v1/runs/run-x").status_code == 404


def test_a_refusal_is_told_on_the_page(client_as):
    answer = client_as("analyst").post("/runs", data={"algorithm": "nope"})
    assert answer.status_code == 422 and "unknown algorithm" in answer.text
    assert client_as("analyst").post("/runs", data={}).status_code == 422
    assert client_as("analyst").post("/api/v1/runs", json={}).status_code == 422


def test_an_administrator_may_run_without_reading_findings(client_as):
    page = client_as("administrator").get("/runs")
    assert page.status_code == 200 and "What runs left" not in page.text
    assert "What runs left" in client_as("analyst").get("/runs").text


def test_who_may_not_run_detection_sees_no_runs(client_as):
    assert client_as("investigator").get("/runs").status_code == 403
    assert client_as("investigator").post("/runs").status_code == 403
