"""Sign-in and actor tokens: the Backend API hands them out, the `ticket` strategy redeems them, once."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.admission.queries import (
    INSERT_SIGN_IN_TOKEN,
    LOCK_SIGN_IN_TOKEN,
    LOCK_SIGN_IN_TOKEN_BY_HASH,
    UPDATE_SIGN_IN_TOKEN,
)
from greffier.server.admission.tables import SignInTokenRow
from greffier.server.admission.tickets import write_ticket
from greffier.server.crypto.secrets import hash_secret
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import find_user
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context

DEFAULT_LIFETIME = 30 * 24 * 3600
"""Seconds (contract: `CreateSignInToken`)."""
DEFAULT_ACTOR_LIFETIME = 3600
"""Seconds (contract: `CreateActorToken`)."""
DEFAULT_ACTOR_SESSION = 30 * 60
"""Seconds (contract: `CreateActorToken`)."""
MAX_ACTOR = 600
"""Bytes of an actor as JSON: every token of its sessions carries it, and browsers keep these in a cookie."""


async def create_sign_in_token(
    ctx: Context, user_id: str, expires_in_seconds: int | None
) -> tuple[SignInTokenRow, str]:
    """A new token for a user, and its ticket, which is not stored.

    Raises:
        ApiError: 404 when there is no such user.
    """
    if not await _exists(ctx, user_id):
        raise errors.not_found("user")
    lifetime = DEFAULT_LIFETIME if expires_in_seconds is None else expires_in_seconds
    return await _create(ctx, user_id, lifetime)


async def create_actor_token(
    ctx: Context,
    user_id: str,
    actor: dict[str, Any],
    expires_in_seconds: int | None,
    session_max_duration_in_seconds: int | None,
) -> tuple[SignInTokenRow, str]:
    """A new token for impersonating a user, and its ticket, which is not stored.

    Raises:
        ApiError: 422 at `user_id` when there is no such user, at `actor` when it is too large.
    """
    if len(msgspec.json.encode(actor)) > MAX_ACTOR:
        raise errors.invalid_params(errors.param_exceeds_size("actor", MAX_ACTOR))
    if not await _exists(ctx, user_id):
        raise errors.invalid_params(errors.param_value_invalid("user_id", user_id))
    lifetime = DEFAULT_ACTOR_LIFETIME if expires_in_seconds is None else expires_in_seconds
    session = session_max_duration_in_seconds
    return await _create(
        ctx,
        user_id,
        lifetime,
        actor=actor,
        session_lifetime=DEFAULT_ACTOR_SESSION if session is None else session,
    )


async def _exists(ctx: Context, user_id: str) -> bool:
    return await find_user(ctx, user_id) is not None


async def _create(
    ctx: Context,
    user_id: str,
    lifetime: int,
    *,
    actor: dict[str, Any] | None = None,
    session_lifetime: int | None = None,
) -> tuple[SignInTokenRow, str]:
    prefix, kind = ("sit", "sign_in_token") if actor is None else ("act", "actor_token")
    token_id = new_id(prefix, now_ms=ctx.now)
    expire_at = ctx.now + lifetime * 1000
    ticket = write_ticket(ctx, token_id, kind, expire_at)
    row = SignInTokenRow(
        id=token_id,
        instance_id=ctx.instance.id,
        user_id=user_id,
        status="pending",
        token_hash=hash_secret(ticket),
        expire_at=expire_at,
        actor=actor,
        session_lifetime=session_lifetime,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_SIGN_IN_TOKEN, row)
    return row, ticket


async def revoke_sign_in_token(ctx: Context, token_id: str, *, of_actor: bool = False) -> SignInTokenRow:
    """Raises: ApiError: 404 when there is none of this kind, 400 when it was used or revoked already."""
    row = await ctx.db.one(LOCK_SIGN_IN_TOKEN, instance_id=ctx.instance.id, id=token_id)
    if row is None or (row.actor is not None) != of_actor:
        raise errors.not_found("actor token" if of_actor else "sign-in token")
    if row.status != "pending":
        raise errors.actor_token_not_pending() if of_actor else errors.sign_in_token_not_pending()
    revoked = msgspec.structs.replace(row, status="revoked", updated_at=ctx.now)
    await ctx.db.save(UPDATE_SIGN_IN_TOKEN, revoked)
    return revoked


async def check_ticket(ctx: Context, ticket: str) -> SignInTokenRow:
    """The token of a ticket that can be used now; it stays usable, held until the request ends.

    Raises:
        ApiError: 400 when it is unknown, used, revoked or expired.
    """
    row = await ctx.db.one(
        LOCK_SIGN_IN_TOKEN_BY_HASH, instance_id=ctx.instance.id, token_hash=hash_secret(ticket)
    )
    if row is None or row.status != "pending":
        raise errors.ticket_invalid()
    if row.expire_at <= ctx.now:
        raise errors.ticket_expired()
    return row


async def accept_ticket(ctx: Context, ticket: str) -> tuple[UserRow, SignInTokenRow]:
    """Use up a ticket; returns its user and the token.

    Raises:
        ApiError: 400 when it is unknown, used, revoked or expired.
    """
    row = await check_ticket(ctx, ticket)
    user = await find_user(ctx, row.user_id)
    if user is None:
        raise errors.ticket_invalid()
    accepted = msgspec.structs.replace(row, status="accepted", updated_at=ctx.now)
    await ctx.db.save(UPDATE_SIGN_IN_TOKEN, accepted)
    return user, accepted
