"""External accounts note that they have to be connected once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("external_accounts", sa.Column("reconnect_since", sa.BigInteger()))
