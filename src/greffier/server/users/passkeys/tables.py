"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)

passkeys = sa.Table(
    "passkeys",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("name"),
    text("rp_id"),
    text("credential_id", null=True),
    sa.Column("public_key", sa.LargeBinary, nullable=True),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    json("transports"),
    text("aaguid", null=True),
    boolean("backup_eligible"),
    boolean("backed_up"),
    text("verification_id", null=True),
    millis("last_used_at", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "credential_id"),
    # In their order too: otherwise SQLite prefers the index below.
    sa.Index("ix_passkeys_user", "user_id", "instance_id", "created_at", "id"),
    sa.Index("ix_passkeys_created", "instance_id", "created_at", "id"),
    info=shown_in_client("user_id"),
)


class PasskeyRow(Row, frozen=True):
    """A passkey of a user. Until it is registered it has no `credential_id`; `verification_id` has its
    challenge then, and is empty afterwards. `rp_id` is the domain that it works on. The public key is in COSE
    form (RFC 9052 section 7). `sign_count` and the backup flags are those of its last use (WebAuthn Level 3
    section 6.1).
    """

    id: str
    instance_id: str
    user_id: str
    name: str
    rp_id: str
    credential_id: str | None
    public_key: bytes | None
    sign_count: int
    transports: list[str]
    aaguid: str | None
    backup_eligible: bool
    backed_up: bool
    verification_id: str | None
    last_used_at: int | None
    created_at: int
    updated_at: int

    @property
    def registered(self) -> bool:
        return self.credential_id is not None
