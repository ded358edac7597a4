"""Signed-in users set up their authenticator app."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.time_based_codes import matching_step, new_totp_secret
from greffier.server.store.ids import new_id
from greffier.server.users.second_factors.backup_codes.own_codes import first_codes, give_first_codes
from greffier.server.users.second_factors.changes import lock_factors, remove_totp, save_factors
from greffier.server.users.second_factors.totp.queries import INSERT_TOTP, TOTP_OF_USER, UPDATE_TOTP
from greffier.server.users.second_factors.totp.sealing import seal, unseal
from greffier.server.users.second_factors.totp.tables import TotpRow
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import read_code
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession


async def create_totp(ctx: Context, caller: CurrentSession) -> tuple[TotpRow, str, UserRow]:
    """A new secret, which counts when it is verified; one that was not verified is replaced.

    Returns:
        the row, the secret in base32, and whose it is.

    Raises:
        ApiError: 400 when the user has an app already; 403 when apps are not enabled.
    """
    _require_apps(ctx)
    secret = new_totp_secret()
    user = await lock_factors(ctx, caller.user_id)
    former = await _totp_of(ctx, user)
    if former is not None and former.verified:
        raise errors.totp_already_enabled()
    row = TotpRow(
        id=former.id if former else new_id("totp", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user.id,
        secret=seal(ctx, secret, user.id),
        verified=False,
        last_step=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await (ctx.db.save(UPDATE_TOTP, row) if former else ctx.db.insert(INSERT_TOTP, row))
    return row, secret, user


async def verify_totp(ctx: Context, caller: CurrentSession, code: str) -> tuple[TotpRow, list[str] | None]:
    """The secret is in the user's app. Backup codes come with the first second factor.

    Raises:
        ApiError: 400 when it was verified before; 403 when apps are not enabled; 404 when there is no secret;
            422 when the code is wrong.
    """
    _require_apps(ctx)
    digits = read_code(code)
    tried = await ctx.db.one(TOTP_OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id)
    step = _step_of(ctx, _require_unverified(tried), digits)
    codes = await first_codes(ctx, caller.user_id)
    user = await lock_factors(ctx, caller.user_id)
    row = _require_unverified(await _totp_of(ctx, user))
    if row != tried:
        raise errors.code_incorrect()  # of a secret that was replaced meanwhile
    changed = msgspec.structs.replace(row, verified=True, last_step=step, updated_at=ctx.now)
    await ctx.db.save(UPDATE_TOTP, changed)
    await save_factors(ctx, user, totp_enabled_at=ctx.now)
    return changed, await give_first_codes(ctx, user.id, codes)


def _step_of(ctx: Context, row: TotpRow, digits: str) -> int:
    """Raises: ApiError: 422 when the code is wrong."""
    secret = unseal(ctx, row.secret, row.user_id)
    step = matching_step(secret, digits, now=ctx.now, after=row.last_step)
    if step is None:
        raise errors.code_incorrect()
    return step


def _require_unverified(row: TotpRow | None) -> TotpRow:
    if row is None:
        raise errors.not_found("TOTP")
    if row.verified:
        raise errors.totp_already_enabled()
    return row


async def delete_totp(ctx: Context, caller: CurrentSession) -> str:
    """Remove the app, and the backup codes with it unless they stand in for another factor.

    Returns:
        the id that it had.

    Raises:
        ApiError: 404 when there is none.
    """
    row = await ctx.db.one(TOTP_OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id)
    if row is None:
        raise errors.not_found("TOTP")
    await remove_totp(ctx, caller.user_id)
    return row.id


async def _totp_of(ctx: Context, user: UserRow) -> TotpRow | None:
    return await ctx.db.one(TOTP_OF_USER, instance_id=ctx.instance.id, user_id=user.id)


def _require_apps(ctx: Context) -> None:
    if not ctx.instance.settings.attribute("authenticator_app").enabled:
        raise errors.second_factor_not_enabled()
