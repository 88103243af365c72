"""What was decided is found in a long audit log without reading all of it."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_audit_kind", "audit", ["kind"])
