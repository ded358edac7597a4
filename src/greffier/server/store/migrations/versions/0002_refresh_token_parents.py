"""A refresh token names the one that was exchanged for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("oauth_tokens", sa.Column("parent_id", sa.Text()))
    op.create_index("ix_oauth_tokens_parent", "oauth_tokens", ["parent_id"])
