"""A signed-in user changes their password."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.passwords.policy import (
    RESET_PASSWORD,
    hash_new_password,
    is_password,
    password_columns,
    password_problems,
)
from greffier.server.users.restrictions.lockout import count_failure, require_unlocked
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession


async def require_current_password(ctx: Context, user: UserRow, password: str | None) -> None:
    """A change of the password needs the current one (ASVS 6.2.3). Call it before writing: it takes long.

    Raises:
        ApiError: 422 at `current_password` when it is missing or wrong; 403 when the user is locked.
    """
    if user.password_digest is None:
        return
    await require_unlocked(ctx, user)
    if not password:
        raise errors.invalid_params(errors.param_missing("current_password"))
    if not await is_password(ctx, user, password):
        refused = errors.password_incorrect("current_password")
        await count_failure(ctx, user.id, refused)  # a stolen session must not be a way to guess
        raise refused


async def refuse_compromised_password(
    ctx: Context, user: UserRow, new: str, *, param: str = "new_password"
) -> None:
    """Raises: ApiError: 422 when the new password is the compromised one."""
    if user.password_compromised_at is not None and await is_password(ctx, user, new):
        raise errors.new_password_matches_current(param)


async def change_own_password(
    ctx: Context, caller: CurrentSession, current: str | None, new: str, *, sign_out_others: bool
) -> UserRow:
    """The user with the new password; other sessions end on request.

    A user with the task of choosing another password signed in without the current one, which is compromised,
    so it is not required; nor is it where reverification has asked for a factor.

    Raises:
        ApiError: 422 when the current password is wrong, or the new one is not accepted or the same.
    """
    user = await get_user(ctx, caller.user_id)
    if problems := await password_problems(ctx, new):
        raise errors.invalid_params(*(errors.at_param(problem, "new_password") for problem in problems))
    if RESET_PASSWORD in caller.tasks:
        await refuse_compromised_password(ctx, user, new)
    elif current or not _has_proof_instead(ctx, caller):
        await require_current_password(ctx, user, current)
    if current == new and user.password_digest is not None:
        raise errors.new_password_matches_current()
    digest = await hash_new_password(ctx, new, check=False)
    locked = await lock_user(ctx, user.id)
    if locked.password_digest != user.password_digest:
        raise errors.password_incorrect("current_password")  # changed meanwhile by another request
    changed = await save_user(ctx, locked, **password_columns(digest, ctx.now))
    if sign_out_others:
        await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user.id, except_id=caller.id)
    return changed


def _has_proof_instead(ctx: Context, caller: CurrentSession) -> bool:
    """Browser components do not ask for the current password where reverification asks for a factor."""
    return ctx.instance.settings.attack_protection.reverification and caller.has_recent_factor(ctx.now)


async def remove_own_password(ctx: Context, caller: CurrentSession, current: str | None) -> UserRow:
    """The user without a password.

    Raises:
        ApiError: 400 when there is none; 403 when the instance asks for one, or the user could not sign in
            any more; 422 when the current password is missing or wrong.
    """
    user = await get_user(ctx, caller.user_id)
    if user.password_digest is None:
        raise errors.no_password_set()
    if ctx.instance.settings.attribute("password").required or not await _signs_in_without(ctx, user):
        raise errors.password_required()
    await require_current_password(ctx, user, current)
    locked = await lock_user(ctx, user.id)
    if locked.password_digest != user.password_digest:
        raise errors.password_incorrect("current_password")  # changed meanwhile by another request
    return await save_user(ctx, locked, **password_columns(None, ctx.now))


async def _signs_in_without(ctx: Context, user: UserRow) -> bool:
    return await ctx.services.ports.strategies.can_sign_in(ctx, user.id, password_digest=None)
