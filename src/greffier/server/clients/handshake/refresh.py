"""Refreshing a session for a server-side SDK, which saves a browser the navigation of a handshake.

The SDK sends what the browser sent it: a session token that has expired, and the refresh token that a
handshake set. Every refusal is a 401 whose code the SDK passes on; it then falls back to the handshake.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.requests import RefreshRequest
from greffier.server.sessions.lifecycle import is_live, keep_active
from greffier.server.sessions.queries import GET
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tokens.minting import sign_session_token
from greffier.server.sessions.tokens.refresh import refresh_token_is_valid
from greffier.server.signing.verification import read_session_token
from greffier.server.web.context import Context


class Cookies(msgspec.Struct, kw_only=True):
    """`Set-Cookie` lines for the application's own host. Contract: `Cookies`."""

    object: Literal["cookies"] = "cookies"
    cookies: list[str]


async def refresh_session(ctx: Context, session_id: str, request: RefreshRequest) -> str:
    """A fresh session token for the page's origin.

    Raises:
        ApiError: 401 when a token is not genuine, they do not belong together, or the session is over.
    """
    claims = read_session_token(ctx, request.expired_token)
    if claims is None:
        raise errors.refresh_refused(
            "expired_session_token_invalid", "The expired_token is no session token of ours."
        )
    if claims.get("sid") != session_id:
        raise errors.refresh_refused(
            "session_refresh_session_token_ineligible", "The expired_token is of another session."
        )
    if claims.get("azp") not in (None, request.request_origin):
        raise errors.refresh_refused(
            "refresh_request_origin_azp_mismatch", "The expired_token is of another origin."
        )
    session = await _live_session(ctx, session_id)
    if not await refresh_token_is_valid(ctx, session_id, request.refresh_token):
        raise errors.refresh_refused(
            "refresh_token_not_found", "The refresh_token is not one of this session."
        )
    await keep_active(ctx, session)
    return await sign_session_token(ctx, session, azp=request.request_origin)


async def _live_session(ctx: Context, session_id: str) -> SessionRow:
    session = await ctx.db.one(GET, instance_id=ctx.instance.id, id=session_id)
    if session is None:
        raise errors.refresh_refused(
            "session_refresh_session_not_found", "There is no such session any more."
        )
    if not is_live(session, ctx.now):
        raise errors.refresh_refused("session_refresh_inactive_session", "The session is over.")
    return session


def session_cookies(ctx: Context, token: str, request_origin: str) -> Cookies:
    """The token under both of its cookie names, which always hold the same value."""
    cookies = AppCookies(ctx.instance, secure=request_origin.startswith("https:"), domain=None)
    return Cookies(cookies=cookies.session(token))
