"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.verifications.tables import (
    CallbackRow,
    TransferRow,
    VerificationRow,
    callbacks,
    transfers,
    verifications,
)

_GET = sa.select(verifications).where(
    verifications.c.instance_id == bindparam("instance_id"), verifications.c.id == bindparam("id")
)
GET = Statement(_GET, VerificationRow)
LOCK = Statement(_GET.with_for_update(), VerificationRow, locks=True)
INSERT = insert(verifications, bookkeeping=True)
UPDATE_UNSHOWN = update(verifications, bookkeeping=True)
"""Of a verification that no client shows."""
"""It counts from when its owner points at it."""
UPDATE = update(verifications)

INSERT_CALLBACK = insert(callbacks)
FIND_CALLBACK = Statement(
    sa.select(callbacks).where(
        callbacks.c.instance_id == bindparam("instance_id"),
        callbacks.c.token_hash == bindparam("token_hash"),
    ),
    CallbackRow,
)

CLAIM_CALLBACK: Statement[None] = Statement(
    sa.update(callbacks)
    .where(
        callbacks.c.instance_id == bindparam("instance_id"),
        callbacks.c.id == bindparam("id"),
        callbacks.c.used_at.is_(None),
    )
    .values(used_at=bindparam("used_at"))
)

INSERT_TRANSFER = insert(transfers)
_TRANSFERS_OF_CLIENT = sa.and_(
    transfers.c.instance_id == bindparam("instance_id"), transfers.c.client_id == bindparam("client_id")
)
TRANSFER_OF_CLIENT = Statement(
    sa.select(transfers).where(_TRANSFERS_OF_CLIENT, transfers.c.expire_at > bindparam("now")), TransferRow
)
DELETE_TRANSFERS: Statement[None] = Statement(sa.delete(transfers).where(_TRANSFERS_OF_CLIENT))
