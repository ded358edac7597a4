"""An invitation is marked as exclusive while no other for its address may be made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("uq_invitations_sole", "invitations")
    op.execute("ALTER TABLE invitations RENAME COLUMN sole TO is_exclusive")
    flag = sa.column("is_exclusive", sa.Boolean()) == sa.true()
    op.create_index(
        "uq_invitations_exclusive",
        "invitations",
        ["instance_id", "canonical"],
        unique=True,
        sqlite_where=flag,
        postgresql_where=flag,
    )
