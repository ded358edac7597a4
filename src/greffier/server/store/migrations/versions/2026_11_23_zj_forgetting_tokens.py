"""Tokens of machines and of OAuth are found by their time, to forget them."""

from __future__ import annotations

from alembic import op

revision = "2026_11_23_zj_forgetting_tokens"
down_revision = "2026_11_23_zi_forgetting"


def upgrade() -> None:
    op.drop_index("ix_m2m_tokens_expiry", "m2m_tokens")
    op.create_index("ix_m2m_tokens_expiry", "m2m_tokens", ["instance_id", "expire_at", "id"])
    op.create_index("ix_oauth_grants_code_expire", "oauth_grants", ["instance_id", "code_expire_at", "id"])
    op.drop_index("ix_oauth_tokens_grant", "oauth_tokens")
    op.create_index("ix_oauth_tokens_grant", "oauth_tokens", ["grant_id"])
    op.create_index("ix_oauth_tokens_expire", "oauth_tokens", ["instance_id", "expire_at", "id"])
