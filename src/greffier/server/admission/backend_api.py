"""Operations on sign-in and actor tokens, for an application's backend."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.admission import invitation_list, invitations, sign_in_tokens, testing_tokens
from greffier.server.admission.invitation_list import InvitationListQuery
from greffier.server.admission.requests import ActorTokenRequest, InvitationRequest, SignInTokenRequest
from greffier.server.admission.resources import (
    ActorToken,
    Invitation,
    SignInToken,
    TestingToken,
    actor_token,
    invitation,
    sign_in_token,
)
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import with_query
from greffier.server.web.limits.rate_limits import per_instance
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page, page_of


@backend_api.post("/v1/sign_in_tokens")
async def create_sign_in_token(ctx: Context, params: SignInTokenRequest) -> SignInToken:
    if params.org_id:  # an invited address has no membership yet
        raise errors.not_found("organization")
    row, ticket = await sign_in_tokens.create_sign_in_token(ctx, params.user_id, params.expires_in_seconds)
    return msgspec.structs.replace(sign_in_token(row), token=ticket, url=_sign_in_url(ctx, ticket))


def _sign_in_url(ctx: Context, ticket: str) -> str:
    """The sign-in page, which takes the ticket at once."""
    return with_query(ctx.instance.settings.sign_in_url or f"{ctx.public_url}/sign-in", __clerk_ticket=ticket)


@backend_api.post("/v1/sign_in_tokens/{sign_in_token_id}/revoke")
async def revoke_sign_in_token(ctx: Context, sign_in_token_id: str) -> SignInToken:
    return sign_in_token(await sign_in_tokens.revoke_sign_in_token(ctx, sign_in_token_id))


@backend_api.post("/v1/actor_tokens")
async def create_actor_token(ctx: Context, params: ActorTokenRequest) -> ActorToken:
    if not isinstance(params.actor.get("sub"), str) or not params.actor["sub"]:
        raise errors.invalid_params(errors.param_format_invalid("actor", "actor needs a sub: who acts."))
    row, ticket = await sign_in_tokens.create_actor_token(
        ctx,
        params.user_id,
        params.actor,
        params.expires_in_seconds,
        params.session_max_duration_in_seconds,
    )
    return msgspec.structs.replace(actor_token(row), token=ticket, url=_sign_in_url(ctx, ticket))


@backend_api.post("/v1/actor_tokens/{actor_token_id}/revoke")
async def revoke_actor_token(ctx: Context, actor_token_id: str) -> ActorToken:
    return actor_token(await sign_in_tokens.revoke_sign_in_token(ctx, actor_token_id, of_actor=True))


@backend_api.post("/v1/testing_tokens")
async def create_testing_token(ctx: Context) -> TestingToken:
    token, expires_at = await testing_tokens.create_testing_token(ctx)
    return TestingToken(token=token, expires_at=expires_at)


@backend_api.post("/v1/invitations", limit=per_instance(100, seconds=3600))
async def create_invitation(ctx: Context, params: InvitationRequest) -> Invitation:
    row, url = await invitations.create_invitation(ctx, params)
    return invitation(row, ctx.now, url)


@backend_api.post("/v1/invitations/bulk", limit=per_instance(25, seconds=3600))
async def create_bulk_invitations(ctx: Context, params: list[InvitationRequest]) -> list[Invitation]:
    created = await invitations.create_invitations(ctx, params)
    return [invitation(row, ctx.now, url) for row, url in created]


@backend_api.get("/v1/invitations")
async def list_invitations(ctx: Context, query: InvitationListQuery) -> list[Invitation] | Page[Invitation]:
    rows = await invitation_list.list_invitations(ctx, query)
    shown = [invitation(row, ctx.now) for row in rows]
    return await page_of(query, shown, lambda: invitation_list.count_invitations(ctx, query))


@backend_api.post("/v1/invitations/{invitation_id}/revoke")
async def revoke_invitation(ctx: Context, invitation_id: str) -> Invitation:
    return invitation(await invitations.revoke_invitation(ctx, invitation_id), ctx.now)
