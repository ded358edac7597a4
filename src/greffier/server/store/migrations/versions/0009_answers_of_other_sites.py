"""A callback has a page for browsers that are signed in then, and is used up by an answer of another site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("completed_url", sa.Text()))
    op.add_column("callbacks", sa.Column("used_at", sa.BigInteger()))
