"""Every SQL statement about members whose text does not depend on the request."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.organizations.roles.system_permissions import ADMINISTRATOR_PERMISSIONS
from greffier.server.organizations.tables import (
    OrganizationMembershipRow,
    OrganizationRow,
    organization_memberships,
    organization_permissions,
    organization_role_permissions,
    organization_roles,
    organizations,
)
from greffier.server.store.statements import Statement, insert, update


class Membership(msgspec.Struct, frozen=True):
    """A membership with its organization, and with what its role says now."""

    row: OrganizationMembershipRow
    organization: OrganizationRow
    role: str
    """Its key, such as `org:admin`."""
    role_name: str
    permissions: tuple[str, ...]
    """Keys in alphabetical order; those that begin with `org:sys_` are this server's own."""
    members_count: int = 0
    """Members of the organization; 0 where not requested."""


_members = organization_memberships.c
_AT = (len(_members), len(_members) + len(organizations.c))


def membership_of(*values: Any) -> Membership:
    """From the columns of `MEMBERSHIP_COLUMNS`."""
    role, role_name, keys, *counted = values[_AT[1] :]
    return Membership(
        OrganizationMembershipRow(*values[: _AT[0]]),
        OrganizationRow(*values[_AT[0] : _AT[1]]),
        role,
        role_name,
        tuple(sorted(keys.split(","))) if keys else (),
        *counted,
    )


MEMBERSHIP_LENGTH = _AT[1] + 4
"""Columns of a membership that is read with the count of members."""
PERMISSION_KEYS = (
    # A text would become a parameter that is written into the statement anew at each run.
    sa.select(
        sa.func.aggregate_strings(
            organization_permissions.c.key,
            sa.literal_column("','"),  # pyright: ignore[reportArgumentType]
        )
    )
    .select_from(organization_role_permissions)
    .join(
        organization_permissions,
        organization_permissions.c.id == organization_role_permissions.c.permission_id,
    )
    .where(organization_role_permissions.c.role_id == organization_roles.c.id)
    .correlate(organization_roles)
    .scalar_subquery()
)
"""Of the role, in one text; a key has no comma."""
_others = organization_memberships.alias("others")
MEMBERS_COUNT = (
    sa.select(sa.func.count())
    .select_from(_others)
    .where(_others.c.organization_id == organizations.c.id)
    .correlate(organizations)
    .scalar_subquery()
)
MEMBERSHIP_COLUMNS = (
    *_members,
    *organizations.c,
    organization_roles.c.key,
    organization_roles.c.name,
    PERMISSION_KEYS,
)


def select_memberships(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Memberships with their organization and role, for `membership_of`."""
    return (
        sa.select(*MEMBERSHIP_COLUMNS, *more)
        .select_from(organization_memberships)
        .join(organizations, organizations.c.id == _members.organization_id)
        .join(organization_roles, organization_roles.c.id == _members.role_id)
    )


_OF_USER = sa.and_(_members.instance_id == bindparam("instance_id"), _members.user_id == bindparam("user_id"))
_OF_ORGANIZATION = sa.and_(
    _members.instance_id == bindparam("instance_id"),
    _members.organization_id == bindparam("organization_id"),
)
GET_MEMBERSHIP = Statement(
    select_memberships().where(_OF_USER, _members.organization_id == bindparam("organization_id")),
    membership_of,
)
FIND_MEMBERSHIP = Statement(
    select_memberships().where(
        _OF_USER,
        sa.or_(
            organizations.c.id == bindparam("id_or_slug"), organizations.c.slug == bindparam("id_or_slug")
        ),
    ),
    membership_of,
)
"""For callers that may name the organization either way. A slug has no underscore, so that it is no id."""
MEMBERSHIPS_OF_USER = Statement(
    select_memberships(MEMBERS_COUNT).where(_OF_USER).order_by(_members.created_at, _members.id),
    membership_of,
)
"""All, the oldest first."""
PAGE_OF_USER = Statement(
    select_memberships(MEMBERS_COUNT)
    .where(_OF_USER)
    .order_by(_members.created_at.desc(), _members.id.desc())
    .limit(bindparam("limit", type_=sa.Integer))
    .offset(bindparam("offset", type_=sa.Integer)),
    membership_of,
)
NEWEST_OF_USER = Statement(
    select_memberships().where(_OF_USER).order_by(_members.created_at.desc(), _members.id.desc()).limit(1),
    membership_of,
)
COUNT_OF_USER = Statement(
    sa.select(sa.func.count()).select_from(organization_memberships).where(_OF_USER), int
)
COUNT_MEMBERS = Statement(
    sa.select(sa.func.count()).select_from(organization_memberships).where(_OF_ORGANIZATION), int
)


def _needed_permissions(role_id: sa.ColumnElement[str], of: sa.FromClause) -> sa.ScalarSelect[int]:
    """The number of permissions of a role among those that an organization's last administrator must keep."""
    needed = sa.or_(*(organization_permissions.c.key == sa.literal(key) for key in ADMINISTRATOR_PERMISSIONS))
    return (
        sa.select(sa.func.count())
        .select_from(organization_role_permissions)
        .join(
            organization_permissions,
            organization_permissions.c.id == organization_role_permissions.c.permission_id,
        )
        .where(organization_role_permissions.c.role_id == role_id, needed)
        .correlate(of)
        .scalar_subquery()
    )


OTHER_ADMINISTRATORS = Statement(
    sa.select(sa.func.count())
    .select_from(organization_memberships)
    .where(
        _OF_ORGANIZATION,
        _members.user_id != bindparam("user_id"),
        _needed_permissions(_members.role_id, organization_memberships)
        == sa.literal(len(ADMINISTRATOR_PERMISSIONS)),
    ),
    int,
)
"""Members besides this one who are administrators."""
ADMINISTRATORS_COUNT = (
    sa.select(sa.func.count())
    .select_from(_others)
    .where(
        _others.c.organization_id == organizations.c.id,
        _needed_permissions(_others.c.role_id, _others) == sa.literal(len(ADMINISTRATOR_PERMISSIONS)),
    )
    .correlate(organizations)
    .scalar_subquery()
)
LOCK_MEMBERSHIP = Statement(
    sa.select(organization_memberships)
    .where(_OF_USER, _members.organization_id == bindparam("organization_id"))
    .with_for_update(),
    OrganizationMembershipRow,
    locks=True,
)
INSERT_MEMBERSHIP = insert(organization_memberships)
UPDATE_MEMBERSHIP = update(organization_memberships)
DELETE_MEMBERSHIP: Statement[None] = Statement(
    sa.delete(organization_memberships).where(
        _OF_USER, _members.organization_id == bindparam("organization_id")
    )
)
