"""Refreshes expired access tokens when they are asked for (RFC 6749 section 6), once for many callers.

A refresh token may be good for one use only, so one request at a time uses it, among all processes: it leases
the row. Nothing is locked while the provider is asked.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.encryption import Undecryptable
from greffier.server.errors import ApiError
from greffier.server.signing.jwts import read_unverified_claims
from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import Endpoints, endpoints_of
from greffier.server.strategies.oauth.exchange import GrantEnded, refresh, tokens_in
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.strategies.oauth.id_tokens import verified_claims
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens, in_clear, sealed
from greffier.server.users.external_accounts.provider_tokens.queries import (
    BEGIN_REFRESHING,
    LOCK,
    OF_ACCOUNT,
    UPDATE,
)
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow
from greffier.server.users.external_accounts.queries import LOCK as LOCK_ACCOUNT
from greffier.server.users.external_accounts.queries import UPDATE as UPDATE_ACCOUNT
from greffier.server.users.external_accounts.tables import ExternalAccountRow
from greffier.server.users.lookup import lock_user
from greffier.server.web.context import Context

log = logging.getLogger(__name__)

_EARLY = 10_000
"""Milliseconds before its end at which a token counts as expired: it must still reach the provider."""
_LONGEST = 20.0
"""Seconds for all requests of one refresh."""
_LEASE = 30_000
"""Milliseconds after which another request may refresh, because the one that did is gone."""
_PATIENCE = 25.0
"""Seconds for which a request waits for another one that refreshes."""
_POLL = 0.1


async def current_tokens(ctx: Context, connection: Connection, account: ExternalAccountRow) -> Tokens:
    """The tokens of an account, refreshed if the access token has expired.

    Raises:
        ApiError: 422 when there are none, or an expired one cannot be refreshed; 400 when the provider gives
            no new one.
    """
    row = await _tokens_of(ctx, account.id)
    if not _has_expired(ctx, row):
        return _opened(ctx, row)
    try:
        return _opened(ctx, await _refreshed(ctx, connection, account.id, row))
    except ApiError:
        await _ask_to_reconnect(ctx, account)
        raise


async def _ask_to_reconnect(ctx: Context, account: ExternalAccountRow) -> None:
    """Note with the account that its tokens have expired for good, unless a sign-in has brought new ones
    meanwhile: that waits for these locks."""
    await lock_user(ctx, account.user_id)
    row = await ctx.db.one(LOCK_ACCOUNT, instance_id=ctx.instance.id, id=account.id)
    tokens = await ctx.db.one(OF_ACCOUNT, instance_id=ctx.instance.id, account_id=account.id)
    if row is None or row.reconnect_since is not None or tokens is None:
        return
    if tokens.refresh_token is None and _has_expired(ctx, tokens):
        changed = msgspec.structs.replace(row, reconnect_since=ctx.now, updated_at=ctx.now)
        await ctx.db.save(UPDATE_ACCOUNT, changed, former=row)


async def _tokens_of(ctx: Context, account_id: str) -> ProviderTokensRow:
    row = await ctx.db.one(OF_ACCOUNT, instance_id=ctx.instance.id, account_id=account_id)
    if row is None:
        raise errors.oauth_missing_access_token()
    return row


def _has_expired(ctx: Context, row: ProviderTokensRow) -> bool:
    return row.expire_at is not None and row.expire_at - _EARLY <= ctx.services.clock.now_ms()


def _opened(ctx: Context, row: ProviderTokensRow) -> Tokens:
    try:
        return in_clear(ctx.db, row)
    except Undecryptable as error:
        log.error("tokens %s: %s", row.id, error)
        raise errors.oauth_token_retrieval_error() from None


async def _refreshed(
    ctx: Context, connection: Connection, account_id: str, row: ProviderTokensRow
) -> ProviderTokensRow:
    """The row after this request has refreshed it, or another one that has begun before."""
    clock, loop = ctx.services.clock, asyncio.get_running_loop()
    asked_at, patient_until = clock.now_ms(), loop.time() + _PATIENCE
    while _has_expired(ctx, row):
        if row.refresh_token is None:
            raise errors.oauth_missing_refresh_token()
        busy = row.refreshing_until is not None and row.refreshing_until > clock.now_ms()
        former = _opened(ctx, row)
        if not busy and await _begin(ctx, row):
            return await _refresh(ctx, connection, row, former)
        if loop.time() > patient_until:
            raise errors.oauth_token_retrieval_error()
        await asyncio.sleep(_POLL)
        row = await _tokens_of(ctx, account_id)
        if row.refresh_failed_at is not None and row.refresh_failed_at >= asked_at:
            raise errors.oauth_token_retrieval_error()
    return row


async def _begin(ctx: Context, row: ProviderTokensRow) -> bool:
    now = ctx.services.clock.now_ms()
    async with ctx.services.database.transaction() as db:
        leased = await db.execute(
            BEGIN_REFRESHING,
            key=row.id,
            instance_id=row.instance_id,
            expired_at=row.expire_at,
            now=now,
            until=now + _LEASE,
        )
    return bool(leased)


async def _refresh(
    ctx: Context, connection: Connection, row: ProviderTokensRow, former: Tokens
) -> ProviderTokensRow:
    try:
        async with asyncio.timeout(_LONGEST):
            tokens = await _ask(ctx, connection, former)
    except (Refused, TimeoutError) as error:
        log.warning("%s of instance %s: no new token: %s", connection.strategy, ctx.instance.id, error)
        _require_in_use(ctx, await _write_failure(ctx, row, ended=isinstance(error, GrantEnded)))
        raise errors.oauth_token_retrieval_error() from None
    return _require_in_use(ctx, await _write(ctx, row, tokens))


def _require_in_use(ctx: Context, row: ProviderTokensRow | None) -> ProviderTokensRow:
    """Raises: ApiError: 422 when the tokens were given up meanwhile, and are to be revoked now."""
    if row is None or row.account_id is None:
        ctx.services.ports.revoker.wake()
        raise errors.oauth_missing_access_token()
    return row


async def _ask(ctx: Context, connection: Connection, former: Tokens) -> Tokens:
    connection = connection.registered_as(former.client_id)
    endpoints = await endpoints_of(ctx, connection)
    answer = await refresh(ctx, connection, endpoints, former.refresh_token or "")
    now = ctx.services.clock.now_ms()
    tokens = tokens_in(connection, answer, now=now, asked=former.scopes)
    return msgspec.structs.replace(
        tokens,
        refresh_token=tokens.refresh_token or former.refresh_token,
        id_token=await _id_token(ctx, connection, endpoints, tokens.id_token, former.id_token),
    )


async def _id_token(
    ctx: Context, connection: Connection, endpoints: Endpoints, new: str | None, former: str | None
) -> str | None:
    """The new ID token if it is good and about the same user (OpenID Connect Core 1.0 section 12.2), else the
    former one."""
    if new is None or former is None:
        return former
    try:
        claims = await verified_claims(ctx, connection, endpoints, new, nonce=None)
    except Refused as error:
        log.warning("%s of instance %s: %s", connection.strategy, ctx.instance.id, error)
        return former
    return new if claims.get("sub") == read_unverified_claims(former).get("sub") else former


async def _write(ctx: Context, used: ProviderTokensRow, tokens: Tokens) -> ProviderTokensRow | None:
    """Write what the provider gave, unless a sign-in has brought another grant meanwhile."""
    now = ctx.services.clock.now_ms()
    async with ctx.services.database.transaction() as db:
        row = await db.one(LOCK, instance_id=used.instance_id, id=used.id)
        if row is None or row.refresh_token != used.refresh_token:
            changed = row and msgspec.structs.replace(row, refreshing_until=None)
        else:
            stored: dict[str, Any] = sealed(db, row.id, tokens) | {
                "scopes": " ".join(tokens.scopes),
                "expire_at": tokens.expire_at,
            }
            changed = msgspec.structs.replace(
                row, refreshing_until=None, refresh_failed_at=None, updated_at=now, **stored
            )
        if changed is not None:
            await db.save(UPDATE, changed)
    return changed


async def _write_failure(ctx: Context, used: ProviderTokensRow, *, ended: bool) -> ProviderTokensRow | None:
    """Let others try, and tell those that wait. A refresh token that is good for nothing goes."""
    now = ctx.services.clock.now_ms()
    async with ctx.services.database.transaction() as db:
        row = await db.one(LOCK, instance_id=used.instance_id, id=used.id)
        changed = None
        if row is not None:
            dead = ended and row.refresh_token == used.refresh_token
            changed = msgspec.structs.replace(
                row,
                refresh_token=None if dead else row.refresh_token,
                refreshing_until=None,
                refresh_failed_at=now,
            )
            await db.save(UPDATE, changed)
    return changed
