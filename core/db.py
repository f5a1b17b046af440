"""The system database: SQLite by default, PostgreSQL by URL. Whoever opens a transaction closes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import BigInteger, CursorResult, Engine, Integer, Table, Update, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from core.errors import StoreUnavailable

#: A number the database counts up by itself: 64 bits on PostgreSQL, the row id on SQLite.
SERIAL = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Base of every table, so that one metadata holds the whole system database."""


def make_engine(url: str) -> Engine:
    """An engine with safe SQLite settings (WAL, foreign keys, 10 s busy wait). Raises StoreUnavailable with one line."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUnavailable(
            "RINGTRACE_DATABASE_URL is no database address: write postgresql://user:password@host:5432/database, "
            "with odd characters of the password percent-encoded"
        ) from None  # the cause may quote the password
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # errors go to the log: without the names, hashes and texts of the statement
    try:
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    except (NoSuchModuleError, ImportError):
        raise StoreUnavailable(
            f"RINGTRACE_DATABASE_URL: {parsed.get_backend_name()} is not supported: use postgresql:// or sqlite:///"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
    try:
        engine.connect().close()
    except DatabaseError as error:  # refused, away, or a file that is no database
        where = parsed.render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreUnavailable(f"system database {where} does not answer: {reason}") from error
    return engine


def _sqlite_pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


#: What the drivers raise when the database is away: restarted, unreachable, locked for too long, out of connections.
AWAY = (OperationalError, InterfaceError, PoolTimeout)


def changed(session: Session, statement: Update) -> int:
    """How many rows an update changed.

    With what was seen in its WHERE it is a compare and swap: of two who decide at once one does. SQLite knows no row locks.
    """
    done = session.execute(statement)
    assert isinstance(done, CursorResult)
    return done.rowcount


def upsert(session: Session, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An insert into a table that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own words.

    By the table, not the mapped class: half the time a row where there are many.
    """
    onto = table.__table__
    assert isinstance(onto, Table)
    return postgresql.insert(onto) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(onto)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits at the end and rolls back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
