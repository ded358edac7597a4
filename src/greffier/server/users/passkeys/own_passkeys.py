"""A user's passkeys: found, named and removed. `registration.py` adds them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.users.lookup import lock_user
from greffier.server.users.passkeys.queries import (
    DELETE,
    GET_OF_USER,
    LOCK_OF_USER,
    REGISTERED_OF_USER,
    UPDATE,
)
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import STRATEGY
from greffier.server.users.update import save_user
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession

MAX_NAME = 256
"""Characters."""


def require_passkeys(ctx: Context) -> None:
    """Raises: ApiError: 403 when the instance has none."""
    if not ctx.instance.settings.attribute(STRATEGY).enabled:
        raise errors.passkeys_not_enabled()


async def get_own(ctx: Context, user_id: str, passkey_id: str) -> PasskeyRow:
    """Raises: ApiError: 404 when it is not the user's."""
    found = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, user_id=user_id, id=passkey_id)
    if found is None:
        raise errors.not_found("passkey")
    return found


async def registered_of(ctx: Context, user_id: str) -> list[PasskeyRow]:
    """Returns the registered passkeys of a user, oldest first."""
    return await ctx.db.all(REGISTERED_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def rename(ctx: Context, user_id: str, passkey_id: str, name: str | None) -> PasskeyRow:
    """Raises: ApiError: 404 when it is not the user's; 422 when it is not registered, or the name is empty or
    too long."""
    name = (name or "").strip()
    if not name:
        raise errors.invalid_params(errors.param_nil("name"))
    if len(name) > MAX_NAME:
        raise errors.invalid_params(errors.param_too_long("name", MAX_NAME))
    row = await _lock(ctx, user_id, passkey_id)
    if not row.registered:
        raise errors.passkey_identification_not_verified()
    changed = msgspec.structs.replace(row, name=name, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed)
    return changed


async def delete_own(ctx: Context, caller: CurrentSession, passkey_id: str) -> None:
    """Remove a passkey of the caller.

    Raises:
        ApiError: 404 when it is not theirs; 400 when the user could
            not sign in without it.
    """
    row = await get_own(ctx, caller.user_id, passkey_id)
    can_sign_in = ctx.services.ports.strategies.can_sign_in
    could = row.registered and await can_sign_in(ctx, caller.user_id)
    await _delete(ctx, caller.user_id, passkey_id)
    if could and not await can_sign_in(ctx, caller.user_id):
        raise errors.last_identification()


async def delete_passkey(ctx: Context, user_id: str, passkey_id: str) -> None:
    """Remove a passkey on the word of an application's backend.

    Raises:
        ApiError: 404 when there is no such passkey of this user.
    """
    await _delete(ctx, user_id, passkey_id)


async def _delete(ctx: Context, user_id: str, passkey_id: str) -> None:
    """The passkey is locked before the user, as in a sign-in."""
    row = await _lock(ctx, user_id, passkey_id)
    user = await lock_user(ctx, user_id)
    await ctx.db.remove(DELETE, row)
    if row.registered:
        left = await registered_of(ctx, user_id)
        enabled_at = user.passkeys_enabled_at if left else None
        await save_user(ctx, user, passkeys_enabled_at=enabled_at)


async def _lock(ctx: Context, user_id: str, passkey_id: str) -> PasskeyRow:
    found = await ctx.db.one(LOCK_OF_USER, instance_id=ctx.instance.id, user_id=user_id, id=passkey_id)
    if found is None:
        raise errors.not_found("passkey")
    return found
