"""Invitations to sign up."""

from __future__ import annotations

revision = "2026_11_23_zd_invitations"
down_revision = "2026_11_23_zc_m2m_expiry"


def upgrade() -> None:
    pass
