"""M2M tokens are found by when they expired, to forget them."""

from __future__ import annotations

from alembic import op

revision = "2026_11_23_zc_m2m_expiry"
down_revision = "2026_11_23_zb_api_keys"


def upgrade() -> None:
    op.create_index("ix_m2m_tokens_expiry", "m2m_tokens", ["machine_id", "expire_at"])
