"""Tokens of other sites say for which registration they are good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("provider_tokens", sa.Column("client_id", sa.Text()))
