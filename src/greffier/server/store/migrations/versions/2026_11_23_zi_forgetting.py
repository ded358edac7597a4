"""What nobody needs any more is found by its time, to forget it."""

from __future__ import annotations

from alembic import op

revision = "2026_11_23_zi_forgetting"
down_revision = "2026_11_23_zh_reverifications"

_BY_TIME = {
    "ix_verifications_created": ("verifications", "created_at"),
    "ix_email_links_created": ("email_links", "created_at"),
    "ix_transfers_expire": ("transfers", "expire_at"),
    "ix_sign_ins_abandon": ("sign_ins", "abandon_at"),
    "ix_reverifications_updated": ("reverifications", "updated_at"),
    "ix_sign_ups_abandon": ("sign_ups", "abandon_at"),
    "ix_sign_in_tokens_expire": ("sign_in_tokens", "expire_at"),
    "ix_testing_tokens_expire": ("testing_tokens", "expire_at"),
    "ix_handshake_payloads_expire": ("handshake_payloads", "expire_at"),
    "ix_former_client_secrets_replaced": ("former_client_secrets", "replaced_at"),
    "ix_dev_browsers_created": ("dev_browsers", "created_at"),
}


def upgrade() -> None:
    op.drop_index("ix_transfers_client", "transfers")
    op.create_index("ix_transfers_client", "transfers", ["instance_id", "client_id"])
    for name, (table, column) in _BY_TIME.items():
        op.create_index(name, table, ["instance_id", column, "id"])
    op.create_index("ix_email_addresses_verification", "email_addresses", ["verification_id"])
