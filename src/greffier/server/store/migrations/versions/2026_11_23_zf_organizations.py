"""Organizations, their members and roles."""

from __future__ import annotations

revision = "2026_11_23_zf_organizations"
down_revision = "2026_11_23_ze_oauth_provider"


def upgrade() -> None:
    pass
