"""Sign-ups as browsers see them."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.admission.tables import InvitationRow
from greffier.server.sessions.lifecycle import refuse_second_session
from greffier.server.sign_ups import attempts, flow, invited
from greffier.server.sign_ups.flow import SignUpFields
from greffier.server.sign_ups.resources import SignUp, sign_up_resource
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies.strategy import Evidence
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


class SignUpRequest(SignUpFields, kw_only=True):
    """`strategy` with a sign-up prepares a verification in the same request; `ticket` is an invitation's."""

    strategy: str | None = None
    redirect_url: str | None = None
    ticket: str | None = None
    transfer: bool | None = None


class PrepareVerificationRequest(msgspec.Struct, kw_only=True):
    strategy: str
    redirect_url: str | None = None


class AttemptVerificationRequest(msgspec.Struct, kw_only=True):
    strategy: str
    code: str | None = None


@frontend_api.post("/v1/client/sign_ups", limit=per_address(5))
async def create_sign_ups(ctx: Context, params: SignUpRequest) -> SignUp:
    await refuse_second_session(ctx)
    invitation = await invited.invitation_of(ctx, params.strategy, params.ticket)
    if invitation is None and ctx.instance.settings.sign_up.mode == "restricted":
        raise errors.sign_up_restricted()
    if invitation is not None and params.transfer:
        raise errors.nothing_to_transfer()
    changes = await flow.read_fields(ctx, params)
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    if params.transfer:
        return await sign_up_resource(ctx, await flow.transfer(ctx, row, changes))
    return await sign_up_resource(ctx, await _resume(ctx, row, params, invitation, changes))


@frontend_api.get("/v1/client/sign_ups/{sign_up_id}")
async def get_sign_ups(ctx: Context, sign_up_id: str) -> SignUp:
    return await sign_up_resource(ctx, await attempts.get(ctx, sign_up_id))


@frontend_api.patch(
    "/v1/client/sign_ups/{sign_up_id}",
    limit=per_address(10),  # tells, as creating does, whether an address is taken
)
async def update_sign_ups(ctx: Context, sign_up_id: str, params: SignUpRequest) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    if params.transfer:
        raise errors.nothing_to_transfer()
    invitation = await invited.invitation_of(ctx, params.strategy, params.ticket)
    changes = await flow.read_fields(ctx, params)
    row = await attempts.lock(ctx, row)
    return await sign_up_resource(ctx, await _resume(ctx, row, params, invitation, changes))


async def _resume(
    ctx: Context,
    row: SignUpRow,
    params: SignUpRequest,
    invitation: InvitationRow | None,
    changes: dict[str, Any],
) -> SignUpRow:
    if invitation is not None:
        return await flow.apply(ctx, row, await invited.with_invitation(ctx, row, invitation, changes))
    row = await flow.apply(ctx, row, invited.keep_invited_address(row, changes))
    if params.strategy and row.status != "complete":
        row = await flow.prepare(ctx, row, params.strategy, params.redirect_url)
    return row


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/prepare_verification", limit=per_address(5))
async def prepare_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: PrepareVerificationRequest
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    return await sign_up_resource(ctx, await flow.prepare(ctx, row, params.strategy, params.redirect_url))


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/attempt_verification", limit=per_address(3))
async def attempt_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: AttemptVerificationRequest
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    evidence = Evidence(code=params.code)
    return await sign_up_resource(ctx, await flow.attempt(ctx, row, params.strategy, evidence))
