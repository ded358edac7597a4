"""Every SQL statement about roles and permissions whose text does not depend on the request."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.instances.tables import instances
from greffier.server.organizations.tables import (
    PermissionRow,
    RoleRow,
    organization_memberships,
    organization_permissions,
    organization_role_permissions,
    organization_roles,
)
from greffier.server.store.statements import Statement, insert, update

LOCK_NAMES: Statement[str] = Statement(
    sa.select(instances.c.id)
    .where(instances.c.id == bindparam("instance_id"))
    .with_for_update(key_share=True),
    str,
    locks=True,
)
"""One at a time makes up names that must differ within an instance. Rows that belong to the instance can be
written meanwhile."""

# --- roles --------------------------------------------------------------------------------------------------

_roles = organization_roles.c
_OF_INSTANCE = _roles.instance_id == bindparam("instance_id")
_ONE = sa.and_(_OF_INSTANCE, _roles.id == bindparam("id"))
_BY_KEY = sa.and_(_OF_INSTANCE, _roles.key == bindparam("key"))

GET_ROLE = Statement(sa.select(organization_roles).where(_ONE), RoleRow)
LOCK_ROLE = Statement(sa.select(organization_roles).where(_ONE).with_for_update(), RoleRow, locks=True)
FIND_ROLE = Statement(sa.select(organization_roles).where(_BY_KEY), RoleRow)
HOLD_ROLE = Statement(
    sa.select(organization_roles).where(_BY_KEY).with_for_update(read=True, key_share=True),
    RoleRow,
    locks=True,
)
"""So that it is not deleted before a member has it."""
INSERT_ROLE = insert(organization_roles)
UPDATE_ROLE = update(organization_roles)
DELETE_ROLE: Statement[None] = Statement(sa.delete(organization_roles).where(_ONE))
MEMBER_WITH_ROLE = Statement(
    sa.select(organization_memberships.c.id)
    .where(
        organization_memberships.c.role_id == bindparam("role_id"),
        organization_memberships.c.instance_id == bindparam("instance_id"),
    )
    .limit(1),
    str,
)

# --- permissions --------------------------------------------------------------------------------------------

_permissions = organization_permissions.c
_ONE_PERMISSION = sa.and_(
    _permissions.instance_id == bindparam("instance_id"), _permissions.id == bindparam("id")
)

GET_PERMISSION = Statement(sa.select(organization_permissions).where(_ONE_PERMISSION), PermissionRow)
LOCK_PERMISSION = Statement(
    sa.select(organization_permissions).where(_ONE_PERMISSION).with_for_update(), PermissionRow, locks=True
)
FIND_PERMISSION = Statement(
    sa.select(organization_permissions).where(
        _permissions.instance_id == bindparam("instance_id"), _permissions.key == bindparam("key")
    ),
    PermissionRow,
)
INSERT_PERMISSION = insert(organization_permissions)
UPDATE_PERMISSION = update(organization_permissions)
DELETE_PERMISSION: Statement[None] = Statement(sa.delete(organization_permissions).where(_ONE_PERMISSION))

# --- which role has which permission ------------------------------------------------------------------------

_pairs = organization_role_permissions.c
_OF_ROLE = sa.and_(_pairs.role_id == bindparam("role_id"), _pairs.instance_id == bindparam("instance_id"))

PERMISSIONS_OF_ROLE = Statement(
    sa.select(organization_permissions)
    .select_from(organization_role_permissions)
    .join(organization_permissions, _permissions.id == _pairs.permission_id)
    .where(_OF_ROLE)
    .order_by(_permissions.key),
    PermissionRow,
)


def _two(role: str, permission: str) -> tuple[str, str]:
    return role, permission


PERMISSIONS_OF_ROLES = Statement(
    sa.select(organization_roles.c.key, _permissions.key)
    .select_from(organization_role_permissions)
    .join(organization_permissions, _permissions.id == _pairs.permission_id)
    .join(organization_roles, organization_roles.c.id == _pairs.role_id)
    .where(organization_roles.c.instance_id == bindparam("instance_id"))
    .order_by(organization_roles.c.key),
    _two,
)
"""The keys of all roles of an instance, each with one of its permissions."""
ROLES_WITH_PERMISSION = Statement(
    sa.select(organization_roles)
    .select_from(organization_role_permissions)
    .join(organization_roles, organization_roles.c.id == _pairs.role_id)
    .where(
        organization_roles.c.instance_id == bindparam("instance_id"),
        _pairs.permission_id == bindparam("permission_id"),
    ),
    RoleRow,
)
INSERT_PAIR = insert(organization_role_permissions)
DELETE_PAIR: Statement[None] = Statement(
    sa.delete(organization_role_permissions).where(
        _OF_ROLE, _pairs.permission_id == bindparam("permission_id")
    )
)


def permissions_of_roles(instance_id: str, role_ids: list[str]) -> sa.Select[Any]:
    """The id of a role, and the columns of one of its permissions."""
    return (
        sa.select(_pairs.role_id, *_permissions)
        .select_from(organization_role_permissions)
        .join(organization_permissions, _permissions.id == _pairs.permission_id)
        .where(_pairs.instance_id == instance_id, _pairs.role_id.in_(role_ids))
        .order_by(_permissions.key)
    )
