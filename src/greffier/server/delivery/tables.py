"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import instance_column, integer, json, metadata, millis, text

messages = sa.Table(
    "messages",
    metadata,
    # Ids sort by second only; the inbox needs to know which of two messages is newer.
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    text("id", unique=True),
    instance_column(),
    text("kind"),
    sa.Column("channel", sa.Text, nullable=False, server_default="email"),
    text("to_address"),
    text("subject"),
    text("body_text"),
    text("body_html"),
    text("code", null=True),
    json("links"),
    text("status"),
    integer("attempts"),
    millis("next_attempt_at"),
    millis("expire_at", null=True),
    text("last_error", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_messages_due", "status", "next_attempt_at"),
    sa.Index("ix_messages_inbox", "instance_id", "position"),
    sa.Index("ix_messages_created", "instance_id", "created_at", "id"),
    sqlite_autoincrement=True,
)


class MessageRow(Row, frozen=True):
    """`channel` is `email` or `sms`. `status` is `queued`, `sent` or `failed`. While it is `queued`,
    `next_attempt_at` in the future means that a process is sending it now or that it waits for a retry.
    `expire_at`: of no use afterwards.

    Once a message is sent or has failed in production, its bodies, code and links are blanked.
    """

    position: int
    id: str
    instance_id: str
    kind: str
    channel: str
    to_address: str
    subject: str
    body_text: str
    body_html: str
    code: str | None
    links: list[Any]
    status: str
    attempts: int
    next_attempt_at: int
    expire_at: int | None
    last_error: str | None
    created_at: int
    updated_at: int
