"""Invitations to organizations, for members who send them and for invited users."""

from __future__ import annotations

from greffier.server.organizations.invitations import lifecycle as invitations
from greffier.server.organizations.invitations.requests import InvitationRequest, InvitationsRequest
from greffier.server.organizations.invitations.resources import FrontendInvitation, frontend_invitation
from greffier.server.organizations.invitations.search import InvitationListQuery, list_invitations
from greffier.server.organizations.member_access import listing_membership, locked_membership, own_membership
from greffier.server.organizations.roles.system_permissions import MANAGE_MEMBERS
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.pagination import MAX_LIMIT, Page


@frontend_api.post("/v1/organizations/{organization_id}/invitations", limit=per_address(5))
async def create_organization_invitations(
    ctx: Context, organization_id: str, params: InvitationRequest
) -> FrontendInvitation:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    made = await invitations.invite(ctx, own.organization, [params], by=own)
    return frontend_invitation(ctx, made[0])


@frontend_api.post("/v1/organizations/{organization_id}/invitations/bulk", limit=per_address(5))
async def bulk_create_organization_invitations(
    ctx: Context, organization_id: str, params: InvitationsRequest
) -> list[FrontendInvitation]:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    requests = [
        InvitationRequest(email_address=address, role=params.role, notify=params.notify)
        for address in params.email_address
    ]
    made = await invitations.invite(ctx, own.organization, requests, by=own, bulk=True)
    return [frontend_invitation(ctx, one) for one in made]


@frontend_api.get("/v1/organizations/{organization_id}/invitations")
async def get_organization_invitations(
    ctx: Context, organization_id: str, query: InvitationListQuery
) -> Page[FrontendInvitation]:
    own = await own_membership(ctx, organization_id, MANAGE_MEMBERS)
    found, total = await list_invitations(ctx, query, organization_id=own.organization.id)
    return Page([frontend_invitation(ctx, one) for one in found], total)


@frontend_api.get("/v1/organizations/{organization_id}/invitations/pending")
async def get_all_pending_organization_invitations(
    ctx: Context, organization_id: str
) -> list[FrontendInvitation]:
    own = await listing_membership(ctx, organization_id, MANAGE_MEMBERS)
    query = InvitationListQuery(limit=MAX_LIMIT, status="pending")
    found, _ = await list_invitations(ctx, query, organization_id=own.organization.id)
    return [frontend_invitation(ctx, one) for one in found]


@frontend_api.post("/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke")
async def revoke_pending_organization_invitation(
    ctx: Context, organization_id: str, invitation_id: str
) -> FrontendInvitation:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    return frontend_invitation(ctx, await invitations.revoke(ctx, own.organization, invitation_id))


@frontend_api.get("/v1/me/organization_invitations")
async def get_users_organization_invitations(
    ctx: Context, query: InvitationListQuery
) -> Page[FrontendInvitation]:
    caller = await ctx.require_session()
    require_enabled(ctx)
    addresses = await invitations.addresses_of(ctx, caller.user_id)
    found, total = await list_invitations(ctx, query, addresses=addresses)
    return Page([frontend_invitation(ctx, one) for one in found], total)


@frontend_api.post("/v1/me/organization_invitations/{invitation_id}/accept")
async def accept_organization_invitation(ctx: Context, invitation_id: str) -> FrontendInvitation:
    caller = await ctx.require_session()
    require_enabled(ctx)
    accepted = await invitations.accept(ctx, caller.user_id, invitation_id)
    return frontend_invitation(ctx, accepted)
