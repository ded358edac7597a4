"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow, trusted_devices

_OF_INSTANCE = trusted_devices.c.instance_id == bindparam("instance_id")
_ONE = sa.and_(_OF_INSTANCE, trusted_devices.c.id == bindparam("id"))
_OF_USER = sa.and_(_OF_INSTANCE, trusted_devices.c.user_id == bindparam("user_id"))

GET = Statement(sa.select(trusted_devices).where(_ONE), TrustedDeviceRow)
LOCK = Statement(sa.select(trusted_devices).where(_ONE).with_for_update(), TrustedDeviceRow, locks=True)
LOCK_OF_USER = Statement(
    sa.select(trusted_devices).where(_OF_USER, trusted_devices.c.id == bindparam("id")).with_for_update(),
    TrustedDeviceRow,
    locks=True,
)
FIND_BY_THUMBPRINT = Statement(
    sa.select(trusted_devices).where(_OF_INSTANCE, trusted_devices.c.thumbprint == bindparam("thumbprint")),
    TrustedDeviceRow,
)
ALL_OF_USER = Statement(
    sa.select(trusted_devices)
    .where(_OF_USER)
    .order_by(trusted_devices.c.created_at.desc(), trusted_devices.c.id.desc()),
    TrustedDeviceRow,
)
"""Newest first: a user has few."""
INSERT = insert(trusted_devices)
UPDATE = update(trusted_devices)
DELETE: Statement[None] = Statement(
    sa.delete(trusted_devices).where(_OF_USER, trusted_devices.c.id == bindparam("id"))
)
