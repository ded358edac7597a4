"""Invitations to organizations, as the application's servers send and see them."""

from __future__ import annotations

from greffier.server.organizations.invitations import lifecycle as invitations
from greffier.server.organizations.invitations.queries import Invitation
from greffier.server.organizations.invitations.requests import BackendInvitationRequest, RevocationRequest
from greffier.server.organizations.invitations.resources import (
    BackendInvitation,
    BackendInvitationWithOrganization,
    backend_invitation,
    invitation_with_organization,
)
from greffier.server.organizations.invitations.search import InvitationListQuery, list_invitations
from greffier.server.organizations.lifecycle import get_organization, lock_organization
from greffier.server.organizations.members.search import PageQuery
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.users.lookup import get_user
from greffier.server.users.resources import PublicUserData, public_data_of_users
from greffier.server.users.search import UserListQuery, list_users
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import MAX_LIMIT, Page


async def _inviters(ctx: Context, found: list[Invitation]) -> dict[str, PublicUserData]:
    ids = list({one.row.inviter_id for one in found if one.row.inviter_id})
    people: dict[str, PublicUserData] = {}
    for start in range(0, len(ids), MAX_LIMIT):
        some = ids[start : start + MAX_LIMIT]
        people |= await public_data_of_users(
            ctx, await list_users(ctx, UserListQuery(user_id=some, limit=MAX_LIMIT))
        )
    return people


async def _shown(ctx: Context, found: list[Invitation]) -> list[BackendInvitation]:
    people = await _inviters(ctx, found)
    return [backend_invitation(ctx, one, people) for one in found]


async def _with_organizations(
    ctx: Context, found: list[Invitation]
) -> list[BackendInvitationWithOrganization]:
    people = await _inviters(ctx, found)
    return [invitation_with_organization(ctx, one, people) for one in found]


@backend_api.post("/v1/organizations/{organization_id}/invitations")
async def create_organization_invitation(
    ctx: Context, organization_id: str, params: BackendInvitationRequest
) -> BackendInvitation:
    organization = await lock_organization(ctx, organization_id)
    return (await _shown(ctx, await invitations.invite(ctx, organization, [params])))[0]


@backend_api.post("/v1/organizations/{organization_id}/invitations/bulk")
async def create_organization_invitation_bulk(
    ctx: Context, organization_id: str, params: list[BackendInvitationRequest]
) -> Page[BackendInvitation]:
    organization = await lock_organization(ctx, organization_id)
    made = await invitations.invite(ctx, organization, [*params], bulk=True)
    return Page(await _shown(ctx, made), len(made))


@backend_api.get("/v1/organizations/{organization_id}/invitations")
async def list_organization_invitations(
    ctx: Context, organization_id: str, query: InvitationListQuery
) -> Page[BackendInvitation]:
    organization = await get_organization(ctx, organization_id)
    found, total = await list_invitations(ctx, query, organization_id=organization.id)
    return Page(await _shown(ctx, found), total)


@backend_api.get("/v1/organizations/{organization_id}/invitations/pending", invalid_status=400)
async def list_pending_organization_invitations(
    ctx: Context, organization_id: str, query: PageQuery
) -> Page[BackendInvitation]:
    organization = await get_organization(ctx, organization_id)
    pending = InvitationListQuery(limit=query.limit, offset=query.offset, status="pending")
    found, total = await list_invitations(ctx, pending, organization_id=organization.id)
    return Page(await _shown(ctx, found), total)


@backend_api.get("/v1/organizations/{organization_id}/invitations/{invitation_id}")
async def get_organization_invitation(
    ctx: Context, organization_id: str, invitation_id: str
) -> BackendInvitation:
    organization = await get_organization(ctx, organization_id)
    found = await invitations.get_invitation(ctx, organization.id, invitation_id)
    return (await _shown(ctx, [found]))[0]


@backend_api.post(
    "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke", invalid_status=400
)
async def revoke_organization_invitation(
    ctx: Context, organization_id: str, invitation_id: str, params: RevocationRequest
) -> BackendInvitation:
    organization = await lock_organization(ctx, organization_id)
    revoked = await invitations.revoke(
        ctx, organization, invitation_id, requested_by=params.requesting_user_id
    )
    return (await _shown(ctx, [revoked]))[0]


@backend_api.get("/v1/organization_invitations")
async def list_instance_organization_invitations(
    ctx: Context, query: InvitationListQuery
) -> Page[BackendInvitationWithOrganization]:
    require_enabled(ctx)
    found, total = await list_invitations(ctx, query)
    return Page(await _with_organizations(ctx, found), total)


@backend_api.get("/v1/users/{user_id}/organization_invitations", invalid_status=400)
async def users_get_organization_invitations(
    ctx: Context, user_id: str, query: InvitationListQuery
) -> Page[BackendInvitationWithOrganization]:
    require_enabled(ctx)
    user = await get_user(ctx, user_id)
    addresses = await invitations.addresses_of(ctx, user.id)
    found, total = await list_invitations(ctx, query, addresses=addresses)
    return Page(await _with_organizations(ctx, found), total)
