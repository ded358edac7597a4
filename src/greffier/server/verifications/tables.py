"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, integer, metadata, millis, text

verifications = sa.Table(
    "verifications",
    metadata,
    id_column(),
    instance_column(),
    text("strategy"),
    text("status"),
    integer("attempts", null=True),
    text("code_hash", null=True),
    millis("expire_at", null=True),
    text("verified_at_client", null=True),
    text("subject_id", null=True),
    millis("created_at"),
    millis("updated_at"),
    text("sent_to", null=True),
    sa.Index("ix_verifications_created", "instance_id", "created_at", "id"),
)


class VerificationRow(Row, frozen=True):
    """`status` is `unverified`, `verified`, `transferable`, `failed` or `expired`. `subject_id` names what is
    verified where nothing else points at the verification; `sent_to` is the address that a code, a link or a
    ticket went to, in canonical form, and all that it can prove."""

    id: str
    instance_id: str
    strategy: str
    status: str
    attempts: int | None
    code_hash: str | None
    expire_at: int | None
    verified_at_client: str | None
    subject_id: str | None
    created_at: int
    updated_at: int
    sent_to: str | None

    def proves(self, canonical_address: str) -> bool:
        """Whether this says anything of an address: what was sent nowhere, such as an administrator's word,
        is about the object that points at it."""
        return self.sent_to is None or self.sent_to == canonical_address


email_links = sa.Table(
    "email_links",
    metadata,
    id_column(),
    instance_column(),
    text("verification_id"),
    text("token_hash"),
    text("owner_id"),
    text("client_id", null=True),
    text("redirect_url"),
    millis("created_at"),
    sa.UniqueConstraint("instance_id", "token_hash"),
    sa.Index("ix_email_links_created", "instance_id", "created_at", "id"),
)


class EmailLinkRow(Row, frozen=True):
    """Where a link in a mail leads. `owner_id` is the sign-in, sign-up or email address that it verifies;
    `client_id` the browser that asked for it."""

    id: str
    instance_id: str
    verification_id: str
    token_hash: str
    owner_id: str
    client_id: str | None
    redirect_url: str
    created_at: int


transfers = sa.Table(
    "transfers",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("verification_id"),
    text("email_address"),
    millis("expire_at"),
    millis("created_at"),
    # The instance too: otherwise SQLite prefers the index below.
    sa.Index("ix_transfers_client", "instance_id", "client_id"),
    sa.Index("ix_transfers_expire", "instance_id", "expire_at", "id"),
)


class TransferRow(Row, frozen=True):
    """An address that was proven in a sign-in and that no account has: the client may sign up with it."""

    id: str
    instance_id: str
    client_id: str
    verification_id: str
    email_address: str
    expire_at: int
    created_at: int
