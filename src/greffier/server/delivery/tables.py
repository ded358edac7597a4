"""Tables of this room."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server.store.sealing import Sealed, seal, sealed_text, unseal
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
    sealed_text("body_text"),
    sealed_text("body_html"),
    sealed_text("code", null=True),
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
    """`channel` is `email`, `sms` or `whatsapp`. `status` is `queued`, `sent` or `failed`. While it is
    `queued`, `next_attempt_at` in the future means that a process is sending it now or that it waits for a
    retry. `expire_at`: of no use afterwards.

    Bodies and code are sealed. Once a message is sent or has failed in production, they and the links are
    blanked.
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


_SEALED = ("body_text", "body_html", "code")


def sealed_content(place: Sealed, message_id: str, **content: str | None) -> dict[str, str | None]:
    """Bodies and code of a message as they are stored."""
    return {
        name: text and seal(place, messages.c[name], text, id=message_id) for name, text in content.items()
    }


def opened(place: Sealed, row: MessageRow) -> MessageRow:
    """A message that was read, with its bodies and its code in clear.

    Raises:
        Undecryptable: a key is not there.
    """
    stored = {name: getattr(row, name) for name in _SEALED}
    clear = {name: text and unseal(place, messages.c[name], text, id=row.id) for name, text in stored.items()}
    return msgspec.structs.replace(row, **clear)
