"""What the action did that settled a request: a lock settles the letter that asked for the mailbox to be opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; what was settled before is not known by kind."""
    op.add_column("fulfilled", sa.Column("did", sa.String(20), nullable=False, server_default=""))
