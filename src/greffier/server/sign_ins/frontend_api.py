"""Sign-ins as browsers see them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.captcha.gate import require_captcha
from greffier.server.sessions.lifecycle import refuse_second_session
from greffier.server.sign_ins import attempts
from greffier.server.sign_ins.first_factors.selection import first_factor_flow
from greffier.server.sign_ins.requests import ResetPasswordRequest, SignInRequest
from greffier.server.sign_ins.reset_password import reset_password as reset_with_new_password
from greffier.server.sign_ins.resources import SignIn, sign_in_resource
from greffier.server.sign_ins.second_factors import attempts as second_factor
from greffier.server.sign_ins.start import start, start_with_ticket, transfer
from greffier.server.verifications.requests import ImpliedStrategyRequest, StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


@frontend_api.post("/v1/client/sign_ins", limit=per_address(5))
async def create_sign_in(ctx: Context, params: SignInRequest, rest: Parameters) -> SignIn:
    if params.strategy == "ticket" or params.ticket:
        return await sign_in_resource(ctx, await start_with_ticket(ctx, params.ticket))
    await refuse_second_session(ctx)
    if params.transfer:
        return await sign_in_resource(ctx, await transfer(ctx))
    sign_up_if_missing = bool(params.sign_up_if_missing) and ctx.instance.settings.sign_up.mode == "public"
    if sign_up_if_missing:
        await require_captcha(ctx, rest)
    if params.identifier is None and params.strategy is None:
        # Forms that look for a wallet send what they found, and know by this answer that it was none.
        raise errors.invalid_params(errors.param_nil("identifier"))
    identifier = params.identifier or None
    row = await start(ctx, params.strategy, identifier, rest, sign_up_if_missing=sign_up_if_missing)
    return await sign_in_resource(ctx, row)


@frontend_api.get("/v1/client/sign_ins/{sign_in_id}")
async def get_sign_in(ctx: Context, sign_in_id: str) -> SignIn:
    return await sign_in_resource(ctx, await attempts.get(ctx, sign_in_id))


@frontend_api.post("/v1/client/sign_ins/{sign_in_id}/prepare_first_factor", limit=per_address(5))
async def prepare_sign_in_factor_one(
    ctx: Context, sign_in_id: str, params: StrategyRequest, rest: Parameters
) -> SignIn:
    row = await attempts.get(ctx, sign_in_id)
    row = await first_factor_flow(ctx, row).prepare(ctx, row, params.strategy, rest)
    return await sign_in_resource(ctx, row)


@frontend_api.post("/v1/client/sign_ins/{sign_in_id}/attempt_first_factor", limit=per_address(3))
async def attempt_sign_in_factor_one(
    ctx: Context, sign_in_id: str, params: StrategyRequest, rest: Parameters
) -> SignIn:
    row = await attempts.get(ctx, sign_in_id)
    row = await first_factor_flow(ctx, row).attempt(ctx, row, params.strategy, rest)
    return await sign_in_resource(ctx, row)


@frontend_api.post("/v1/client/sign_ins/{sign_in_id}/prepare_second_factor", limit=per_address(5))
async def prepare_sign_in_factor_two(
    ctx: Context, sign_in_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SignIn:
    row = await attempts.get(ctx, sign_in_id)
    row = await second_factor.prepare_second_factor(ctx, row, _named(params.strategy), rest)
    return await sign_in_resource(ctx, row)


@frontend_api.post("/v1/client/sign_ins/{sign_in_id}/attempt_second_factor", limit=per_address(3))
async def attempt_sign_in_factor_two(
    ctx: Context, sign_in_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SignIn:
    row = await attempts.get(ctx, sign_in_id)
    row = await second_factor.attempt_second_factor(ctx, row, _named(params.strategy), rest)
    return await sign_in_resource(ctx, row)


def _named(strategy: str | None) -> str:
    if not strategy:
        raise errors.invalid_params(errors.param_missing("strategy"))
    return strategy


@frontend_api.post("/v1/client/sign_ins/{sign_in_id}/reset_password")
async def reset_password(ctx: Context, sign_in_id: str, params: ResetPasswordRequest) -> SignIn:
    row = await attempts.get(ctx, sign_in_id)
    sign_out_others = bool(params.sign_out_of_other_sessions)
    row = await reset_with_new_password(ctx, row, params.password, sign_out_others=sign_out_others)
    return await sign_in_resource(ctx, row)
