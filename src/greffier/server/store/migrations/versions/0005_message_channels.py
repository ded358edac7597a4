"""A message has a channel: mail, or text messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("messages", sa.Column("channel", sa.Text(), nullable=False, server_default="email"))
