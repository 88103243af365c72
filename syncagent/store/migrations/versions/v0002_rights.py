"""Rights that were taken from an account when it was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "rights",
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("attribute", sa.String(length=80), nullable=False),
        sa.Column("dn", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("target", "guid", "entry", "attribute", name=op.f("pk_rights")),
    )
