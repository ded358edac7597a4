"""Passkeys whose registration was never finished are found by their age."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_index("ix_passkeys_user", "passkeys")
    op.create_index("ix_passkeys_user", "passkeys", ["user_id", "instance_id", "created_at", "id"])
    op.create_index("ix_passkeys_created", "passkeys", ["instance_id", "created_at", "id"])
