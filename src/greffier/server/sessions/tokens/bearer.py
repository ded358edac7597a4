"""The caller of operations that take a session token in `Authorization` instead of the client's cookie."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sessions.lifecycle import acting, is_live
from greffier.server.sessions.queries import GET
from greffier.server.signing.verification import read_session_token
from greffier.server.web.context import Context
from greffier.server.web.operations.backend import bearer
from greffier.server.web.ports import CurrentSession

CLOCK_SKEW = 5
"""Seconds that a token counts beyond its end, as in SDKs."""


async def bearer_session(ctx: Context) -> CurrentSession:
    """Raises: ApiError: 401 unless the token is good and its session still active."""
    claims = read_session_token(ctx, bearer(ctx.request) or "")
    if claims is None or ctx.now >= (claims["exp"] + CLOCK_SKEW) * 1000:
        raise errors.session_token_refused()
    session = await ctx.db.one(GET, instance_id=ctx.instance.id, id=claims["sid"])
    if session is None or session.status != "active" or not is_live(session, ctx.now):
        raise errors.session_token_refused()
    return acting(session)
