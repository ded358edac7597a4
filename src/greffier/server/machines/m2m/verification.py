"""M2M tokens after they were made: verified, revoked, listed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret
from greffier.server.machines.m2m.jwts import read_m2m_jwt
from greffier.server.machines.m2m.queries import (
    COUNT_TOKENS,
    FIND_TOKEN,
    LIST_TOKENS,
    LOCK_TOKEN,
    NOTE_USE,
    UPDATE_TOKEN,
)
from greffier.server.machines.m2m.resources import M2mToken, M2mTokenList, m2m_token
from greffier.server.machines.m2m.tokens import TOKEN_PREFIX
from greffier.server.machines.queries import GET_MACHINE
from greffier.server.machines.scopes import scopes_of
from greffier.server.machines.tables import M2mTokenRow
from greffier.server.web.context import Context
from greffier.server.web.operations.pagination import Offset

_USE_NOTED_EVERY = 60 * 1000
"""Milliseconds: to write at every verification would make it wait for others that write."""


class M2mTokenListQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `getM2MTokens`. Revoked and expired ones are left out unless asked for."""

    subject: str
    revoked: bool | None = None
    expired: bool | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    offset: Offset | None = None


async def verify_token(ctx: Context, token: str) -> M2mToken:
    """The token, if it is valid now and in the caller's scope: the machine whose key was sent, or any machine
    for the instance's key.

    Raises:
        ApiError: 404 for every other token, since SDKs accept each 200; the reason is not disclosed.
    """
    row = await _find_opaque(ctx, token) if token.startswith(TOKEN_PREFIX) else await _read_jwt(ctx, token)
    if row is None or row.revoked or row.expire_at <= ctx.now:
        raise errors.not_found("M2M token")
    scopes = _reach(row, await scopes_of(ctx, row.machine_id))
    if ctx.machine is not None and ctx.machine.id not in scopes:
        raise errors.not_found("M2M token")
    return m2m_token(await _noted(ctx, row), scopes, ctx.now)


async def _find_opaque(ctx: Context, token: str) -> M2mTokenRow | None:
    """The token by its digest, so that the time it takes reveals nothing of it."""
    return await ctx.db.one(FIND_TOKEN, instance_id=ctx.instance.id, token_hash=hash_secret(token))


async def _read_jwt(ctx: Context, token: str) -> M2mTokenRow | None:
    row = read_m2m_jwt(ctx, token)
    if row is None or await ctx.db.one(GET_MACHINE, instance_id=ctx.instance.id, id=row.machine_id) is None:
        return None
    return row


def _reach(row: M2mTokenRow, still: list[str]) -> list[str]:
    """The machines that a token reaches: those named when it was made, as far as its machine still may."""
    return [scope for scope in row.scopes if scope in still]


async def _noted(ctx: Context, row: M2mTokenRow) -> M2mTokenRow:
    if not row.token_hash:  # a JWT, which is kept nowhere
        return row
    if row.last_used_at is not None and ctx.now - row.last_used_at < _USE_NOTED_EVERY:
        return row
    await ctx.db.execute(NOTE_USE, instance_id=ctx.instance.id, id=row.id, now=ctx.now)
    return msgspec.structs.replace(row, last_used_at=ctx.now)


async def revoke_token(ctx: Context, token_id: str, reason: str | None) -> M2mToken:
    """Revoke a token. To revoke it again changes nothing.

    Raises:
        ApiError: 404 when the instance has no such token, or it is not that of the machine which asks.
    """
    row = await ctx.db.one(LOCK_TOKEN, instance_id=ctx.instance.id, id=token_id)
    if row is None or (ctx.machine is not None and row.machine_id != ctx.machine.id):
        raise errors.not_found("M2M token")
    if not row.revoked:
        row = msgspec.structs.replace(row, revoked=True, revocation_reason=reason, updated_at=ctx.now)
        await ctx.db.save(UPDATE_TOKEN, row)
    return m2m_token(row, _reach(row, await scopes_of(ctx, row.machine_id)), ctx.now)


async def list_tokens(ctx: Context, query: M2mTokenListQuery) -> M2mTokenList:
    """One page of a machine's opaque tokens, newest first.

    Raises:
        ApiError: 403 when a machine asks for those of another, 404 when the instance has no such machine.
    """
    if ctx.machine is not None and query.subject != ctx.machine.id:
        raise errors.tokens_of_another_machine()
    if await ctx.db.one(GET_MACHINE, instance_id=ctx.instance.id, id=query.subject) is None:
        raise errors.not_found("machine")
    which = {
        "instance_id": ctx.instance.id,
        "machine_id": query.subject,
        "revoked": bool(query.revoked),
        "expired": bool(query.expired),
        "now": ctx.now,
    }
    rows = await ctx.db.all(LIST_TOKENS, **which, limit=query.limit, offset=query.offset or 0)
    still = await scopes_of(ctx, query.subject)
    shown = [m2m_token(row, _reach(row, still), ctx.now) for row in rows]
    return M2mTokenList(m2m_tokens=shown, total_count=await ctx.db.one(COUNT_TOKENS, **which) or 0)
