"""The roster of the last plan bears the agent's signature; one of before bears none and must be let pass by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("baselines") as baselines:
        baselines.add_column(sa.Column("signature", sa.Text(), nullable=False, server_default=""))
