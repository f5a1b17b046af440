"""Sentences of answers and holds kept for other languages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step from 0002."""
    with op.batch_alter_table("scored_transfer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("packed", sa.Text(), nullable=True))

    with op.batch_alter_table("transfer_hold", schema=None) as batch_op:
        batch_op.add_column(sa.Column("packed", sa.Text(), nullable=True))
