"""The system database's schema version: made, migrated, refused when newer, on SQLite and PostgreSQL."""

from __future__ import annotations

import importlib.util
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from cli.main import main
from core.db import Base, make_engine, transaction
from core.errors import StoreUnavailable
from security.tables import UserRow
from usecases import new_revision, schema_version

PERSON = {
    "id": "p1", "name": "Ann", "folded": "ann", "full_name": "Ann", "password_hash": "x", "must_change_password": False,
    "is_enabled": True, "failed_sign_ins": 0, "locked_until_ms": 0, "created_at_ms": 1, "language": "en", "theme": "dark",
}  # fmt: skip


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


def older(engine):
    """The tables before versions, without a column, a table and an index; one person is in it."""
    spec = importlib.util.spec_from_file_location(
        "baseline", schema_version.REVISIONS / "versions" / "0001_baseline.py"
    )
    baseline = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(baseline)
    baseline.BEFORE.create_all(engine)
    with transaction(engine) as session:
        session.add(UserRow(**PERSON))
    with engine.begin() as connection:
        for gone in ("ALTER TABLE app_user DROP COLUMN theme", "DROP TABLE warning_list", "DROP INDEX ix_lead_queue"):
            connection.execute(text(gone))


def revise(monkeypatch, tmp_path, **bodies):
    """The revisions with more behind them: number -> body of `upgrade`."""
    folder = tmp_path / "revisions"
    shutil.copytree(schema_version.REVISIONS, folder)
    before = schema_version.known()[-1]
    for name, body in bodies.items():
        number = f"{int(before) + 1:04d}"
        lines = [f'revision, down_revision = "{number}", "{before}"', "import sqlalchemy as sa", "from alembic import op",
                 "branch_labels = depends_on = None", "def upgrade():", *(f"    {line}" for line in body)]  # fmt: skip
        (folder / "versions" / f"{number}_{name}.py").write_text("\n".join(lines))
        before = number
    monkeypatch.setattr(schema_version, "REVISIONS", folder)
    return before


def test_the_revisions_say_what_the_tables_modules_say(engine):
    """When this fails: `python -m usecases.new_revision "what changed"`, read the file, commit it."""
    schema_version.bring_up_to_date(engine)
    assert new_revision.differences(engine) == []
    assert schema_version.recorded(engine) == schema_version.known()[-1]


def test_the_audit_log_refuses_changes_in_a_migrated_database(engine):
    schema_version.bring_up_to_date(engine)
    line = ("INSERT INTO audit_log (at_ms, actor_id, actor_name, roles, action, target, outcome, detail, origin) "
            "VALUES (1, 'p', 'p', '', 'x', '', 'ok', '', '')")  # fmt: skip
    with engine.begin() as connection:
        connection.execute(text(line))
    for change in ("UPDATE audit_log SET target = 'y'", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))


def test_a_database_from_before_versions_is_completed_and_keeps_its_rows(engine):
    older(engine)
    assert new_revision.differences(engine) != []
    schema_version.bring_up_to_date(engine)
    assert new_revision.differences(engine) == []
    with transaction(engine) as session:
        person = session.get(UserRow, "p1")
        assert (person.name, person.theme) == ("Ann", "")


def test_tables_made_all_at_once_only_get_their_number(engine):
    Base.metadata.create_all(engine)
    schema_version.bring_up_to_date(engine)
    assert schema_version.recorded(engine) == schema_version.known()[-1]
    assert new_revision.differences(engine) == []


def test_a_newer_database_is_refused_in_one_line(engine):
    schema_version.bring_up_to_date(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=r"newer Ringtrace \(schema version 9999") as refused:
        schema_version.bring_up_to_date(engine)
    assert "\n" not in str(refused.value)
    assert refused.value.code == "database_newer"


def test_the_command_line_says_it_in_one_line(database_url, engine, tmp_path, monkeypatch, capsys):
    schema_version.bring_up_to_date(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    monkeypatch.setenv("RINGTRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RINGTRACE_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["users", "list"]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and "schema version 9999" in said[0]


def test_a_later_revision_is_applied_and_one_that_fails_leaves_nothing(engine, monkeypatch, tmp_path):
    schema_version.bring_up_to_date(engine)
    with transaction(engine) as session:
        session.add(UserRow(**PERSON))
    column = 'op.add_column("app_user", sa.Column("{}", sa.String(9)))'
    last = revise(monkeypatch, tmp_path, good=[column.format("desk")])
    schema_version.bring_up_to_date(engine)
    assert schema_version.recorded(engine) == last
    revise(monkeypatch, tmp_path / "again", bad=[column.format("half"), 'op.execute("INSERT INTO nowhere VALUES (1)")'])
    with pytest.raises(StoreUnavailable, match=r"nothing was changed: .*nowhere") as refused:
        schema_version.bring_up_to_date(engine)
    assert "\n" not in str(refused.value)
    assert schema_version.recorded(engine) == last
    columns = {column["name"] for column in inspect(engine).get_columns("app_user")}
    assert "desk" in columns and "half" not in columns


def test_of_many_first_starts_at_once_each_finds_whole_tables(database_url):
    engines = [make_engine(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schema_version.bring_up_to_date, engines))
    assert new_revision.differences(engines[0]) == []
    for made in engines:
        made.dispose()
