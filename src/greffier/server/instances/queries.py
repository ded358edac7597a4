"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.instances.tables import (
    InstanceHostRow,
    InstanceRow,
    SecretKeyRow,
    instance_hosts,
    instances,
    secret_keys,
)
from greffier.server.store.statements import Row, Statement, insert, update


class InstancesState(Row, frozen=True):
    """Differs after every change of an instance, its hosts or its keys."""

    count: int
    changed: int


ALL_INSTANCES = Statement(sa.select(instances).order_by(instances.c.created_at, instances.c.id), InstanceRow)
LIVE_SECRET_KEYS = Statement(sa.select(secret_keys).where(secret_keys.c.revoked == sa.false()), SecretKeyRow)
ALL_HOSTS = Statement(sa.select(instance_hosts).order_by(instance_hosts.c.host), InstanceHostRow)
STATE = Statement(
    sa.select(
        sa.func.count(),
        sa.cast(sa.func.coalesce(sa.func.sum(instances.c.updated_at), 0), sa.BigInteger),
    ).select_from(instances),
    InstancesState,
)
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
GET_INSTANCE = Statement(sa.select(instances).where(instances.c.id == bindparam("id")), InstanceRow)
LOCK_INSTANCE = Statement(
    sa.select(instances).where(instances.c.id == bindparam("id")).with_for_update(key_share=True),
    InstanceRow,
    locks=True,
)
"""Rows that belong to the instance can be written meanwhile."""
INSERT_INSTANCE = insert(instances)
UPDATE_INSTANCE: Statement[None] = Statement(
    sa.update(instances)
    .where(instances.c.id == bindparam("instance_id"))
    .values(
        domain=bindparam("new_domain", type_=instances.c.domain.type),
        settings=bindparam("new_settings", type_=instances.c.settings.type),
        updated_at=bindparam("new_updated_at", type_=instances.c.updated_at.type),
    )
)
INSERT_HOST = insert(instance_hosts)
UPDATE_HOST = update(instance_hosts)
DELETE_HOST: Statement[None] = Statement(
    sa.delete(instance_hosts).where(
        instance_hosts.c.instance_id == bindparam("instance_id"), instance_hosts.c.host == bindparam("host")
    )
)
INSERT_SECRET_KEY = insert(secret_keys)
UPDATE_SECRET_KEY = update(secret_keys)
