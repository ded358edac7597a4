"""Reverification as browsers see it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.sessions.resources import FrontendSession, frontend_session
from greffier.server.sessions.tables import SessionRow
from greffier.server.sign_ins.factors import resources
from greffier.server.sign_ins.resources import verification_by_id
from greffier.server.sign_ins.reverification.flow import (
    attempt_factor,
    first_factors,
    prepare,
    second_factors_of,
    start,
)
from greffier.server.sign_ins.reverification.requests import StartRequest
from greffier.server.sign_ins.tables import ReverificationRow
from greffier.server.users.lookup import find_user
from greffier.server.verifications.requests import ImpliedStrategyRequest
from greffier.server.verifications.resources import Verification
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


class SessionReverification(msgspec.Struct, kw_only=True):
    """Contract: `Client.SessionReverification`."""

    object: Literal["session_reverification"] = "session_reverification"
    level: str
    status: str
    supported_first_factors: list[dict[str, Any]] | None
    supported_second_factors: list[dict[str, Any]] | None
    first_factor_verification: Verification | None
    second_factor_verification: Verification | None
    session: FrontendSession


@frontend_api.post("/v1/client/sessions/{session_id}/verify")
async def start_session_reverification(
    ctx: Context, session_id: str, params: StartRequest
) -> SessionReverification:
    return await _resource(ctx, *await start(ctx, session_id, params.level))


@frontend_api.post("/v1/client/sessions/{session_id}/verify/prepare_first_factor", limit=per_address(5))
async def prepare_session_reverification_first_factor(
    ctx: Context, session_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SessionReverification:
    return await _resource(ctx, *await prepare(ctx, session_id, "needs_first_factor", params.strategy, rest))


@frontend_api.post("/v1/client/sessions/{session_id}/verify/attempt_first_factor", limit=per_address(3))
async def attempt_session_reverification_first_factor(
    ctx: Context, session_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SessionReverification:
    return await _resource(
        ctx, *await attempt_factor(ctx, session_id, "needs_first_factor", params.strategy, rest)
    )


@frontend_api.post("/v1/client/sessions/{session_id}/verify/prepare_second_factor", limit=per_address(5))
async def prepare_session_reverification_second_factor(
    ctx: Context, session_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SessionReverification:
    return await _resource(ctx, *await prepare(ctx, session_id, "needs_second_factor", params.strategy, rest))


@frontend_api.post("/v1/client/sessions/{session_id}/verify/attempt_second_factor", limit=per_address(3))
async def attempt_session_reverification_second_factor(
    ctx: Context, session_id: str, params: ImpliedStrategyRequest, rest: Parameters
) -> SessionReverification:
    return await _resource(
        ctx, *await attempt_factor(ctx, session_id, "needs_second_factor", params.strategy, rest)
    )


async def _resource(ctx: Context, row: ReverificationRow, session: SessionRow) -> SessionReverification:
    user = await find_user(ctx, session.user_id)
    if user is None:
        raise errors.session_not_found()
    return SessionReverification(
        level=row.level,
        status=row.status,
        supported_first_factors=resources(await first_factors(ctx, user)),
        supported_second_factors=resources(await second_factors_of(ctx, row, user)) or None,
        first_factor_verification=await verification_by_id(ctx, row.first_factor_verification_id),
        second_factor_verification=await verification_by_id(ctx, row.second_factor_verification_id),
        session=await frontend_session(ctx, session),
    )
