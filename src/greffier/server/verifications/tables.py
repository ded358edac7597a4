"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    id_column,
    instance_column,
    integer,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)
from greffier.server.verifications.identifiers import Identifier

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
    text("kind", null=True),
    json("details", null=True),
    sa.Index("ix_verifications_created", "instance_id", "created_at", "id"),
    info=shown_in_client(),
)


class VerificationRow(Row, frozen=True):
    """`status` is `unverified`, `verified`, `transferable`, `failed` or `expired`. `subject_id` names the
    verified object where nothing else points at the verification. `sent_to` is the identification that a
    code, a link or a ticket went to, in canonical form, and `kind` its kind: it verifies nothing else.
    `details` is what the strategy keeps; `resources.py` says which of it browsers are shown.
    """

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
    sent_to: str | None = None
    kind: str | None = None
    details: dict[str, Any] | None = None

    @property
    def identifier(self) -> Identifier | None:
        """The identifier that it verifies, in canonical form; `None` if it was sent nowhere."""
        if self.kind is None or self.sent_to is None:
            return None
        return Identifier(self.kind, self.sent_to, self.sent_to)

    def proves(self, identifier: Identifier) -> bool:
        """Returns whether it verifies an identifier. One that was sent nowhere, such as an administrator's
        word, is about the object that refers to it.
        """
        return self.sent_to is None or (self.kind, self.sent_to) == (identifier.kind, identifier.canonical)


callbacks = sa.Table(
    "callbacks",
    metadata,
    id_column(),
    instance_column(),
    text("verification_id"),
    text("token_hash"),
    text("owner_id"),
    text("client_id", null=True),
    text("redirect_url"),
    millis("created_at"),
    text("completed_url", null=True),
    millis("used_at", null=True),
    sa.UniqueConstraint("instance_id", "token_hash"),
    sa.Index("ix_callbacks_created", "instance_id", "created_at", "id"),
)


class CallbackRow(Row, frozen=True):
    """Return of a browser, by a link in a message or from another site. `owner_id` is the sign-in, sign-up,
    session or identification that continues; `client_id` is the browser that asked for the verification.
    `completed_url`: the page for a browser that has a session then. `used_at`: an answer of another site has
    used it up."""

    id: str
    instance_id: str
    verification_id: str
    token_hash: str
    owner_id: str
    client_id: str | None
    redirect_url: str
    created_at: int
    completed_url: str | None = None
    used_at: int | None = None


transfers = sa.Table(
    "transfers",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("verification_id"),
    text("kind"),
    text("value"),
    millis("expire_at"),
    millis("created_at"),
    # The instance too: otherwise SQLite prefers the index below.
    sa.Index("ix_transfers_client", "instance_id", "client_id"),
    sa.Index("ix_transfers_expire", "instance_id", "expire_at", "id"),
)


class TransferRow(Row, frozen=True):
    """An identifier that was verified in a sign-in and that no account has: the client may sign up
    with it."""

    id: str
    instance_id: str
    client_id: str
    verification_id: str
    kind: str
    value: str
    expire_at: int
    created_at: int
