"""Sign-ups as browsers see them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.sessions.lifecycle import refuse_second_session
from greffier.server.sign_ups import attempts, flow
from greffier.server.sign_ups.flow import SignUpFields
from greffier.server.sign_ups.resources import SignUp, sign_up_resource
from greffier.server.strategies.strategy import Evidence
from greffier.server.web.context import Context
from greffier.server.web.operations import frontend_api


class SignUpRequest(SignUpFields, kw_only=True):
    """`strategy` with a sign-up prepares a verification in the same request."""

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


@frontend_api.post("/v1/client/sign_ups")
async def create_sign_ups(ctx: Context, params: SignUpRequest) -> SignUp:
    await refuse_second_session(ctx)
    _refuse_unbuilt(params)
    if ctx.instance.settings.sign_up.mode == "restricted":
        raise errors.sign_up_restricted()
    changes = await flow.read_fields(ctx, params)
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    if params.transfer:
        return await sign_up_resource(ctx, await flow.transfer(ctx, row, changes))
    row = await flow.apply(ctx, row, changes)
    if params.strategy and row.status != "complete":
        row = await flow.prepare(ctx, row, params.strategy, params.redirect_url)
    return await sign_up_resource(ctx, row)


@frontend_api.get("/v1/client/sign_ups/{sign_up_id}")
async def get_sign_ups(ctx: Context, sign_up_id: str) -> SignUp:
    return await sign_up_resource(ctx, await attempts.get(ctx, sign_up_id))


@frontend_api.patch("/v1/client/sign_ups/{sign_up_id}")
async def update_sign_ups(ctx: Context, sign_up_id: str, params: SignUpRequest) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    _refuse_unbuilt(params)
    if params.transfer:
        raise errors.nothing_to_transfer()
    changes = await flow.read_fields(ctx, params)
    row = await flow.apply(ctx, await attempts.lock(ctx, row), changes)
    if params.strategy and row.status != "complete":
        row = await flow.prepare(ctx, row, params.strategy, params.redirect_url)
    return await sign_up_resource(ctx, row)


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/prepare_verification")
async def prepare_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: PrepareVerificationRequest
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    return await sign_up_resource(ctx, await flow.prepare(ctx, row, params.strategy, params.redirect_url))


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/attempt_verification")
async def attempt_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: AttemptVerificationRequest
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    evidence = Evidence(code=params.code)
    return await sign_up_resource(ctx, await flow.attempt(ctx, row, params.strategy, evidence))


def _refuse_unbuilt(params: SignUpRequest) -> None:
    """Nobody can hold an invitation yet, so what is named here is not good."""
    if params.ticket or params.strategy == "ticket":
        raise errors.ticket_invalid()
