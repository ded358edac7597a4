"""Every SQL statement about organizations whose text does not depend on the request."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.organizations.tables import (
    OrganizationLogoRow,
    OrganizationRow,
    organization_invitations,
    organization_logos,
    organizations,
)
from greffier.server.store.statements import Statement, insert, update

OF_INSTANCE = organizations.c.instance_id == bindparam("instance_id")
_ONE = sa.and_(OF_INSTANCE, organizations.c.id == bindparam("id"))

GET = Statement(sa.select(organizations).where(_ONE), OrganizationRow)
LOCK = Statement(sa.select(organizations).where(_ONE).with_for_update(), OrganizationRow, locks=True)
FIND_BY_SLUG = Statement(
    sa.select(organizations).where(OF_INSTANCE, organizations.c.slug == bindparam("slug")), OrganizationRow
)
INSERT = insert(organizations)
UPDATE = update(organizations)
DELETE: Statement[None] = Statement(sa.delete(organizations).where(_ONE))
COUNT_CREATED = Statement(
    sa.select(sa.func.count())
    .select_from(organizations)
    .where(OF_INSTANCE, organizations.c.created_by == bindparam("user_id")),
    int,
)

# --- logos --------------------------------------------------------------------------------------------------

INSERT_LOGO = insert(organization_logos)
GET_LOGO = Statement(
    sa.select(organization_logos).where(
        organization_logos.c.instance_id == bindparam("instance_id"),
        organization_logos.c.id == bindparam("id"),
    ),
    OrganizationLogoRow,
)
DELETE_LOGOS: Statement[None] = Statement(
    sa.delete(organization_logos).where(
        organization_logos.c.instance_id == bindparam("instance_id"),
        organization_logos.c.organization_id == bindparam("organization_id"),
    )
)

# --- invitations that are open ------------------------------------------------------------------------------

invitations = organization_invitations.c
INVITATION_OF_INSTANCE = invitations.instance_id == bindparam("instance_id")
INVITATION_OF_ORGANIZATION = sa.and_(
    INVITATION_OF_INSTANCE, invitations.organization_id == bindparam("organization_id")
)
IS_OPEN = sa.and_(
    invitations.status == "pending", invitations.expire_at > bindparam("now", type_=sa.BigInteger)
)
COUNT_OPEN = Statement(
    sa.select(sa.func.count())
    .select_from(organization_invitations)
    .where(INVITATION_OF_ORGANIZATION, IS_OPEN),
    int,
)
OPEN_WITH_ROLE = Statement(
    sa.select(invitations.id)
    .where(INVITATION_OF_INSTANCE, invitations.role_id == bindparam("role_id"), IS_OPEN)
    .limit(1),
    str,
)
