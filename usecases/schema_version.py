"""The system database's schema version: which one it has, which one this Ringtrace needs, and the way between them.

Revisions are files of `revisions/versions`, numbered; `alembic_version` in the database holds the last one applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, String, Table, inspect, select, text
from sqlalchemy.exc import DBAPIError

from core.db import Base
from core.errors import StoreUnavailable

REVISIONS = Path(__file__).parent / "revisions"
#: Of all processes that start at once on one PostgreSQL, one at a time changes tables: any number of our own.
_ADVISORY_LOCK = 7_301_905
#: Alembic's own table; registered, so that whoever drops all tables does not leave a version of nothing behind.
VERSION = Table("alembic_version", Base.metadata, Column("version_num", String(32), primary_key=True))


def known() -> list[str]:
    """The numbers of the revisions, oldest first."""
    return sorted(file.stem.split("_")[0] for file in (REVISIONS / "versions").glob("[0-9]*_*.py"))


def recorded(engine: Engine) -> str | None:
    """The version the database has; None before its first."""
    with engine.connect() as connection:
        return _recorded(connection)


def bring_up_to_date(engine: Engine) -> None:
    """Make or migrate the tables, all of it or nothing.

    Raises StoreUnavailable, one line: the database is of a newer Ringtrace (code `database_newer`), or a step was
    refused by it (`database_migration`). A database that is up to date costs one question.
    """
    versions = known()
    has = recorded(engine)
    if has == versions[-1]:
        return
    where = engine.url.render_as_string(hide_password=True)
    if has is not None and has not in versions:
        raise StoreUnavailable(
            f"the system database {where} is of a newer Ringtrace (schema version {has}, this one knows up to "
            f"{versions[-1]}): start that Ringtrace, or restore the backup made before the upgrade",
            code="database_newer",
        )
    try:
        with _alone(engine) as connection:
            _upgrade(connection)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreUnavailable(
            f"the system database {where} could not be brought from schema version {has or 'none'} to {versions[-1]}, "
            f"nothing was changed: {reason}",
            code="database_migration",
        ) from error


def _recorded(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.scalar(select(VERSION.c.version_num))


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction, tables included, while others wait."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself would begin only at the first row written
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        yield connection


def _upgrade(connection: Connection) -> None:
    # a quarter of a second to import, wanted only when something is to be done
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(REVISIONS))
    whole = _recorded(connection) is None and _has_everything(connection)

    def steps(has: Any, _context: Any) -> Any:
        return script._stamp_revs("head", has) if whole else script._upgrade_revs("head", has)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _has_everything(connection: Connection) -> bool:
    """Whether every table and column is there already: made all at once, only the number is missing."""
    there = inspect(connection)
    tables = set(there.get_table_names())
    return all(
        table.name in tables
        and {column.name for column in table.columns} <= {column["name"] for column in there.get_columns(table.name)}
        for table in Base.metadata.sorted_tables
        if table is not VERSION
    )
