"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.instances.tables import InstanceRow, SecretKeyRow, instances, secret_keys
from greffier.server.store.statements import Statement, insert

ALL_INSTANCES = Statement(sa.select(instances).order_by(instances.c.created_at, instances.c.id), InstanceRow)
LIVE_SECRET_KEYS = Statement(sa.select(secret_keys).where(secret_keys.c.revoked == sa.false()), SecretKeyRow)
FIND_BY_PUBLISHABLE_KEY = Statement(
    sa.select(instances).where(instances.c.publishable_key == bindparam("publishable_key")), InstanceRow
)
FIND_SECRET_KEY = Statement(
    sa.select(secret_keys).where(
        secret_keys.c.instance_id == bindparam("instance_id"),
        secret_keys.c.key_hash == bindparam("key_hash"),
    ),
    SecretKeyRow,
)
INSERT_INSTANCE = insert(instances)
INSERT_SECRET_KEY = insert(secret_keys)
