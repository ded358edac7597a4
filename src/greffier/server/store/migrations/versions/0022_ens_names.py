"""Names of wallets are kept with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    ens = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("identifications", sa.Column("ens", ens))
