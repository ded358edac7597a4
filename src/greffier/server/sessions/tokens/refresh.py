"""Refresh tokens: what a server-side SDK exchanges, with an expired session token, for a fresh one.
They live as long as their session."""

from __future__ import annotations

from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.sessions.queries import GET_REFRESH_TOKEN, INSERT_REFRESH_TOKEN
from greffier.server.sessions.tables import RefreshTokenRow, SessionRow
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context


async def create_refresh_token(ctx: Context, session: SessionRow) -> str:
    """A new refresh token of this session; only its hash is stored."""
    secret = new_secret()
    await ctx.db.insert(
        INSERT_REFRESH_TOKEN,
        RefreshTokenRow(
            id=new_id("rt", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            session_id=session.id,
            token_hash=hash_secret(secret),
            expire_at=session.expire_at,
            created_at=ctx.now,
        ),
    )
    return secret


async def refresh_token_is_valid(ctx: Context, session_id: str, refresh_token: str) -> bool:
    row = await ctx.db.one(
        GET_REFRESH_TOKEN,
        instance_id=ctx.instance.id,
        session_id=session_id,
        token_hash=hash_secret(refresh_token),
    )
    return row is not None and row.expire_at > ctx.now
