"""docker-compose.yml is valid, keeps secrets out, and shows the app to this machine only.

No Docker engine is needed: the Compose client parses and resolves the file. Images are not pulled or started here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECRETS = {"NEO4J_PASSWORD": "p1", "POSTGRES_PASSWORD": "p2", "RINGTRACE_SECRET_KEY": "p3"}


def config(**environment):
    command = [
        Path(sys.executable).with_name("docker-compose"),
        "-f",
        ROOT / "docker-compose.yml",
        "config",
        "--format",
        "json",
    ]
    return subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, cwd=ROOT, timeout=60
    )


@pytest.fixture(scope="module")
def resolved():
    done = config(**SECRETS)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_every_service_has_a_health_check_or_its_image_has(resolved):
    assert set(resolved["services"]) == {"app", "neo4j", "postgres"}
    assert resolved["services"]["neo4j"]["healthcheck"]["test"]
    assert resolved["services"]["postgres"]["healthcheck"]["test"]
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    waits = resolved["services"]["app"]["depends_on"]
    assert {name: item["condition"] for name, item in waits.items()} == {
        "neo4j": "service_healthy",
        "postgres": "service_healthy",
    }


def test_data_is_on_volumes_and_only_the_app_is_published_on_loopback(resolved):
    assert set(resolved["volumes"]) == {"ledger", "neo4j", "postgres"}
    published = {name: service.get("ports", []) for name, service in resolved["services"].items()}
    assert [(port["host_ip"], port["target"]) for port in published["app"]] == [("127.0.0.1", 8000)]
    assert not published["neo4j"]
    assert not published["postgres"]


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_a_missing_secret_stops_it_by_name(missing):
    done = config(**{name: value for name, value in SECRETS.items() if name != missing})
    assert not done.stdout  # the packaged client prints the error but exits 0, so the status says nothing
    assert f"set {missing}" in done.stderr


def test_no_secret_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET|_AUTH)\w*:", line):
            assert "${" in line, line


def test_the_settings_it_names_exist(resolved):
    from core.settings import Settings

    known = {f"RINGTRACE_{name}".upper() for name in Settings.model_fields}
    named = {name for name in resolved["services"]["app"]["environment"] if name.startswith("RINGTRACE_")}
    assert named <= known


def test_a_password_of_odd_characters_reaches_the_database_as_it_is():
    from sqlalchemy.engine import make_url

    from core.settings import Settings

    password = "p@ss/w#rd:%41?&=诈 \"'"
    done = config(**{**SECRETS, "POSTGRES_PASSWORD": password})
    services = json.loads(done.stdout)["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == password
    told = services["app"]["environment"]
    settings = Settings(
        database_host=told["RINGTRACE_DATABASE_HOST"], database_password=told["RINGTRACE_DATABASE_PASSWORD"]
    )
    url = make_url(settings.sql_url)
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "ringtrace", password, "postgres", 5432, "ringtrace",
    )  # fmt: skip
    assert password not in repr(settings)


def test_an_env_file_beside_it_reaches_neither_git_nor_the_image():
    for name in (".gitignore", ".dockerignore"):
        assert ".env" in (ROOT / name).read_text().splitlines(), name


def test_only_named_hosts_are_answered_and_no_password_is_an_argument(resolved):
    assert resolved["services"]["app"]["environment"]["RINGTRACE_ALLOWED_HOSTS"] == "localhost"
    assert not re.search(r"cypher-shell.* -p", " ".join(resolved["services"]["neo4j"]["healthcheck"]["test"]))
