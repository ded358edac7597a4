"""Sign-ins wait to connect an account at another site; identifications say which accounts vouch for them, and
those that are not verified are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("sign_ins", sa.Column("account_verification_id", sa.Text()))
    links = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("identifications", sa.Column("linked_to", links))
    op.create_index(
        "ix_identifications_unclaimed",
        "identifications",
        ["instance_id", "kind", "canonical"],
        sqlite_where=sa.text("claimed = 0"),
        postgresql_where=sa.text("claimed = false"),
    )
