"""Messages are found by when they were queued, to forget them."""

from __future__ import annotations

from alembic import op

revision = "2026_11_23_zk_forgetting_mail"
down_revision = "2026_11_23_zj_forgetting_tokens"


def upgrade() -> None:
    op.create_index("ix_messages_created", "messages", ["instance_id", "created_at", "id"])
