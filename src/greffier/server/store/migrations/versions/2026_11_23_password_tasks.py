"""Sessions that wait for a task, and passwords that are known to others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_password_tasks"
down_revision = "2026_11_23_first_rooms"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("users", sa.Column("password_compromised_at", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("tasks", JSON, nullable=True))
