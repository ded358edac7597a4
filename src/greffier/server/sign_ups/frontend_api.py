"""Sign-ups as browsers see them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.captcha.gate import require_captcha
from greffier.server.admission.tables import InvitationRow
from greffier.server.sessions.lifecycle import refuse_second_session
from greffier.server.sign_ups import attempts, flow, invited
from greffier.server.sign_ups.changes import Changes, read_changes
from greffier.server.sign_ups.requests import SignUpRequest
from greffier.server.sign_ups.resources import SignUp, sign_up_resource
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import find_strategy
from greffier.server.verifications.requests import StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


@frontend_api.post("/v1/client/sign_ups", limit=per_address(5))
async def create_sign_ups(ctx: Context, params: SignUpRequest, rest: Parameters) -> SignUp:
    await refuse_second_session(ctx)
    invitation = await invited.invitation_of(ctx, params.strategy, params.ticket)
    if invitation is None and ctx.instance.settings.sign_up.mode == "restricted":
        raise errors.sign_up_restricted()
    if invitation is not None and params.transfer:
        raise errors.nothing_to_transfer()
    if not params.transfer:  # the sign-in that is transferred solved it
        await require_captcha(ctx, rest)
    await _get_ready(ctx, params.strategy)
    changes = await read_changes(ctx, params, rest)
    row = await attempts.begin(ctx, (await ctx.require_client()).id)
    if params.transfer:
        return await sign_up_resource(ctx, await flow.transfer(ctx, row, changes))
    return await sign_up_resource(ctx, await _resume(ctx, row, params.strategy, invitation, changes, rest))


@frontend_api.get("/v1/client/sign_ups/{sign_up_id}")
async def get_sign_ups(ctx: Context, sign_up_id: str) -> SignUp:
    return await sign_up_resource(ctx, await attempts.get(ctx, sign_up_id))


@frontend_api.patch(
    "/v1/client/sign_ups/{sign_up_id}",
    limit=per_address(10),  # tells, as creating does, whether an address is taken
)
async def update_sign_ups(ctx: Context, sign_up_id: str, params: SignUpRequest, rest: Parameters) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    if params.transfer:
        raise errors.nothing_to_transfer()
    invitation = await invited.invitation_of(ctx, params.strategy, params.ticket)
    await _get_ready(ctx, params.strategy)
    changes = await read_changes(ctx, params, rest)
    row = await attempts.lock(ctx, row)
    return await sign_up_resource(ctx, await _resume(ctx, row, params.strategy, invitation, changes, rest))


async def _get_ready(ctx: Context, name: str | None) -> None:
    """Ask other servers for what the strategy needs, before anything is written or locked."""
    strategy = find_strategy(ctx, name) if name else None
    if strategy is not None:  # a ticket, say, is none
        await strategy.get_ready(ctx)


async def _resume(
    ctx: Context,
    row: SignUpRow,
    strategy: str | None,
    invitation: InvitationRow | None,
    changes: Changes,
    rest: Parameters,
) -> SignUpRow:
    if invitation is not None:
        return await flow.apply(ctx, row, await invited.with_invitation(ctx, row, invitation, changes))
    row = await flow.apply(ctx, row, invited.keep_invited_address(row, changes))
    if strategy and row.status != "complete":
        row = await flow.prepare(ctx, row, strategy, rest)
    return row


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/prepare_verification", limit=per_address(5))
async def prepare_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: StrategyRequest, rest: Parameters
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    return await sign_up_resource(ctx, await flow.prepare(ctx, row, params.strategy, rest))


@frontend_api.post("/v1/client/sign_ups/{sign_up_id}/attempt_verification", limit=per_address(3))
async def attempt_sign_ups_verification(
    ctx: Context, sign_up_id: str, params: StrategyRequest, rest: Parameters
) -> SignUp:
    row = await attempts.get(ctx, sign_up_id)
    return await sign_up_resource(ctx, await flow.attempt(ctx, row, params.strategy, rest))
