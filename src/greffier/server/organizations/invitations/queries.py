"""Every SQL statement about invitations to organizations whose text does not depend on the request."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.identifications.email_addresses.reading import NAME
from greffier.server.identifications.tables import identifications
from greffier.server.organizations.queries import (
    INVITATION_OF_INSTANCE,
    INVITATION_OF_ORGANIZATION,
    IS_OPEN,
    invitations,
)
from greffier.server.organizations.tables import (
    OrganizationInvitationRow,
    OrganizationRow,
    organization_invitations,
    organization_memberships,
    organization_roles,
    organizations,
)
from greffier.server.store.statements import Statement, insert, update


class Invitation(msgspec.Struct, frozen=True):
    """An invitation with its organization, and with the role as it is called now."""

    row: OrganizationInvitationRow
    organization: OrganizationRow
    role: str
    role_name: str


_AT = (len(organization_invitations.c), len(organization_invitations.c) + len(organizations.c))


def invitation_of(*values: Any) -> Invitation:
    return Invitation(
        OrganizationInvitationRow(*values[: _AT[0]]),
        OrganizationRow(*values[_AT[0] : _AT[1]]),
        *values[_AT[1] :],
    )


def select_invitations() -> sa.Select[Any]:
    """Invitations with their organization and role, for `invitation_of`."""
    return (
        sa.select(*invitations, *organizations.c, organization_roles.c.key, organization_roles.c.name)
        .select_from(organization_invitations)
        .join(organizations, organizations.c.id == invitations.organization_id)
        .join(organization_roles, organization_roles.c.id == invitations.role_id)
    )


GET_INVITATION = Statement(
    select_invitations().where(INVITATION_OF_INSTANCE, invitations.id == bindparam("id")), invitation_of
)
LOCK_INVITATION = Statement(
    sa.select(organization_invitations)
    .where(INVITATION_OF_INSTANCE, invitations.id == bindparam("id"))
    .with_for_update(),
    OrganizationInvitationRow,
    locks=True,
)
INSERT_INVITATION = insert(organization_invitations)
UPDATE_INVITATION = update(organization_invitations)
OPEN_INVITATION_TO = Statement(
    sa.select(invitations.id).where(
        INVITATION_OF_ORGANIZATION, invitations.canonical == bindparam("canonical"), IS_OPEN
    ),
    str,
)
MEMBER_WITH_ADDRESS = Statement(
    sa.select(organization_memberships.c.user_id)
    .join(identifications, identifications.c.user_id == organization_memberships.c.user_id)
    .where(
        identifications.c.instance_id == bindparam("instance_id"),
        identifications.c.kind == NAME,
        identifications.c.canonical == bindparam("canonical"),
        identifications.c.claimed == sa.true(),
        organization_memberships.c.organization_id == bindparam("organization_id"),
    ),
    str,
)
"""Members who have verified the address."""
ADDRESSES_OF_USER = Statement(
    sa.select(identifications.c.canonical).where(
        identifications.c.instance_id == bindparam("instance_id"),
        identifications.c.user_id == bindparam("user_id"),
        identifications.c.kind == NAME,
        identifications.c.claimed == sa.true(),
        identifications.c.reserved == sa.false(),
    ),
    str,
)
"""Those that are verified."""
