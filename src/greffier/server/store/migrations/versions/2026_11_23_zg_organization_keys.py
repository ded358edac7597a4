"""API keys can stand for organizations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_zg_organization_keys"
down_revision = "2026_11_23_zf_organizations"


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as api_keys:
        api_keys.add_column(sa.Column("organization_id", sa.Text(), nullable=True))
        api_keys.create_foreign_key(
            "fk_api_keys_organization_id_organizations",
            "organizations",
            ["organization_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index("ix_api_keys_organization", "api_keys", ["organization_id"])
