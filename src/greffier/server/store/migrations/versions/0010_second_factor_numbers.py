"""Phone numbers can be second factors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("identifications", sa.Column("second_factor", sa.Text()))
    op.add_column("users", sa.Column("phone_factor_enabled_at", sa.BigInteger()))
