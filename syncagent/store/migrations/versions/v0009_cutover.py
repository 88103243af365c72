"""What became of accounts that are gone from old systems, and what became of their mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ends",
        sa.Column("system", sa.String(80), primary_key=True),
        sa.Column("guid", sa.String(320), primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("system", sa.String(80), nullable=False),
        sa.Column("guid", sa.String(320), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("recorded_at", sa.String(40), nullable=False),
    )
    op.create_index("ix_mails_system", "mails", ["system", "guid"])
