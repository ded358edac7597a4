"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.delivery.tables import MessageRow, messages
from greffier.server.store.statements import Statement

_IS_DUE = sa.and_(messages.c.status == "queued", messages.c.next_attempt_at <= bindparam("now"))

INSERT: Statement[None] = Statement(
    sa.insert(messages).values(
        {c.name: bindparam(c.name, type_=c.type) for c in messages.c if c.name != "position"}
    )
)

_ON_CHANNEL = messages.c.channel == bindparam("on_channel")

ANY_DUE: Statement[int] = Statement(sa.select(messages.c.position).where(_IS_DUE).limit(1))

QUEUED: Statement[int] = Statement(
    sa.select(sa.func.count()).select_from(messages).where(messages.c.status == "queued")
)

CLAIM = Statement(
    sa.update(messages)
    .where(
        messages.c.position.in_(
            sa.select(messages.c.position)
            .where(_IS_DUE, _ON_CHANNEL)
            .order_by(messages.c.next_attempt_at)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(
        attempts=messages.c.attempts + 1,
        next_attempt_at=bindparam("leased_until"),
        updated_at=bindparam("now"),
    )
    .returning(*messages.c),
    MessageRow,
)
"""Lease due messages of a channel; a message whose lease runs out can be claimed again."""

_SETTLED = (
    "attempts",
    "body_text",
    "body_html",
    "code",
    "links",
    "status",
    "next_attempt_at",
    "last_error",
    "updated_at",
)

SETTLE: Statement[None] = Statement(
    sa.update(messages)
    .where(
        messages.c.position == bindparam("at"),
        messages.c.attempts == bindparam("attempt"),
        messages.c.status == "queued",
    )
    .values({name: bindparam(f"new_{name}", type_=messages.c[name].type) for name in _SETTLED})
)
"""Record the result of an attempt, unless the lease ran out and another attempt has begun."""

DELIVER_TO_INBOX: Statement[None] = Statement(
    sa.update(messages)
    .where(messages.c.status == "queued", _ON_CHANNEL)
    .values(status="sent", attempts=messages.c.attempts + 1, updated_at=bindparam("now"))
)

_OF_INSTANCE = (
    sa.select(messages)
    .where(messages.c.instance_id == bindparam("instance_id"), messages.c.position > bindparam("after"))
    .order_by(messages.c.position.desc())
    .limit(bindparam("most"))
)
NEWEST = Statement(_OF_INSTANCE, MessageRow)
NEWEST_TO = Statement(
    # Both sides by the database, so that they agree on what lower case is.
    _OF_INSTANCE.where(sa.func.lower(messages.c.to_address) == sa.func.lower(bindparam("to_address"))),
    MessageRow,
)
GET = Statement(
    sa.select(messages).where(
        messages.c.instance_id == bindparam("instance_id"), messages.c.id == bindparam("id")
    ),
    MessageRow,
)

TEXTED_SINCE: Statement[str] = Statement(
    sa.select(messages.c.to_address)
    .where(
        messages.c.instance_id == bindparam("instance_id"),
        messages.c.created_at >= bindparam("since"),
        messages.c.channel != "email",
    )
    .limit(bindparam("most"))
)
"""The numbers of text messages since a time."""


def settled_values(claimed: MessageRow, settled: MessageRow) -> dict[str, object]:
    """Parameters of `SETTLE` for a claimed row that a rule has changed."""
    values: dict[str, object] = {f"new_{name}": getattr(settled, name) for name in _SETTLED}
    return values | {"at": claimed.position, "attempt": claimed.attempts}
