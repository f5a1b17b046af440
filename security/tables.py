"""Tables of people, sessions, saved queries and the audit log, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Boolean, Engine, ForeignKey, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import SERIAL, Base

#: SQLite only counts up by itself on INTEGER PRIMARY KEY.


class UserRow(Base):
    """A person who may sign in. `folded` is the case-folded NFKC name and is what must be unique."""

    __tablename__ = "app_user"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    folded: Mapped[str] = mapped_column(String(128), unique=True)
    full_name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    failed_sign_ins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    last_sign_in_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    language: Mapped[str] = mapped_column(String(8), default="")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    roles: Mapped[list[UserRoleRow]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class UserRoleRow(Base):
    """One role of one person."""

    __tablename__ = "app_user_role"

    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)


class SessionRow(Base):
    """A signed-in browser. Only the SHA-256 of its token is kept; deleting the row ends the session at once."""

    __tablename__ = "app_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    seen_at_ms: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str] = mapped_column(String(64))


class SignInOriginRow(Base):
    """What sign-ins with one name from one origin came to: wrong passwords in a row, and whether it is the person's own."""

    __tablename__ = "sign_in_origin"

    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    last_ok_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    changed_at_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class SavedQueryRow(Base):
    """A console query one person kept; nobody else sees it."""

    __tablename__ = "saved_query"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    cypher: Mapped[str] = mapped_column(Text)
    created_at_ms: Mapped[int] = mapped_column(BigInteger)


class ApiKeyRow(Base):
    """A machine's key. Only an HMAC-SHA-256 of its secret is kept; a revoked or expired key stays on record."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    salt: Mapped[str] = mapped_column(String(64))
    secret_hmac: Mapped[str] = mapped_column(String(64))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(64))
    expires_at_ms: Mapped[int] = mapped_column(BigInteger)
    revoked_at_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    last_used_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)


class AuditRow(Base):
    """One thing somebody did or read. Rows are added, never changed: triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_actor_at", "actor_name", "at_ms"), Index("ix_audit_log_target", "target"))

    seq: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    actor_id: Mapped[str] = mapped_column(String(40))
    actor_name: Mapped[str] = mapped_column(String(64))
    roles: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(512))
    outcome: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(64))


_TABLES = [
    Base.metadata.tables[row.__tablename__]
    for row in (UserRow, UserRoleRow, SessionRow, SignInOriginRow, SavedQueryRow, ApiKeyRow, AuditRow)
]
_REFUSE = "the audit log is append-only"


def _after_create(dialect: str, statement: str) -> None:
    """Run a statement once, right after the audit log's table was made."""
    ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    event.listen(AuditRow.__table__, "after_create", ddl)


for _verb in ("UPDATE", "DELETE"):
    _after_create(
        "sqlite",
        f"CREATE TRIGGER audit_log_no_{_verb.lower()} BEFORE {_verb} ON audit_log "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    )
_after_create(
    "postgresql",
    "CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
)
_after_create(
    "postgresql",
    "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
)


def ensure_tables(engine: Engine) -> None:
    """Make the tables of this package where they are missing; what is there stays as it is."""
    Base.metadata.create_all(engine, tables=_TABLES)
