"""Applications that sign users in with this instance, and their tokens."""

from __future__ import annotations

revision = "2026_11_23_ze_oauth_provider"
down_revision = "2026_11_23_zd_invitations"


def upgrade() -> None:
    pass
