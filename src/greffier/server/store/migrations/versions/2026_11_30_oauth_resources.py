"""Grants and tokens of OAuth applications name the API that they are for (RFC 8707)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_oauth_resources"
down_revision = "2026_11_30_canonical_addresses"


def upgrade() -> None:
    for table in ("oauth_grants", "oauth_tokens"):
        op.add_column(table, sa.Column("resource", sa.Text))
