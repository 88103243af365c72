"""What mailboxes held before they were closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "kept",
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("target", "guid", name=op.f("pk_kept")),
    )
