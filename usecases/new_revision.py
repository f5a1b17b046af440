"""Writes the next revision of the system database from what the tables modules say now.

`python -m usecases.new_revision "what changes"`; read what it wrote before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from core.db import Base, make_engine
from usecases import bootstrap as _every_table  # noqa: F401  (registers all tables on Base)
from usecases import schema_version

_FILE = '''"""{title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step from {before}."""
    {steps}
'''


def differences(engine: Engine) -> list[object]:
    """What the database and the tables modules do not agree on; empty when the revisions say it all."""
    with engine.connect() as connection:
        return list(compare_metadata(_context(connection), Base.metadata))


def write(title: str) -> Path | None:
    """The new file, or None when nothing differs."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/now.db")
        schema_version.bring_up_to_date(engine)
        with engine.connect() as connection:
            made = produce_migrations(_context(connection), Base.metadata).upgrade_ops
            steps = render_python_code(made, render_as_batch=True) if made is not None and made.ops else ""
        engine.dispose()
    if not steps:
        return None
    before = schema_version.known()[-1]
    number = f"{int(before) + 1:04d}"
    file = schema_version.REVISIONS / "versions" / f"{number}_{'_'.join(title.lower().split())}.py"
    file.write_text(_FILE.format(title=title, number=number, before=before, steps=steps.strip()), encoding="utf-8")
    return file


def _context(connection: Connection) -> MigrationContext:
    ours = {"compare_type": True, "include_object": lambda _thing, name, *_: name != schema_version.VERSION.name}
    return MigrationContext.configure(connection, opts=ours)


if __name__ == "__main__":
    print(write(" ".join(sys.argv[1:]) or "changed tables") or "nothing differs")
