"""Lockout: after too many failed attempts a user cannot sign in for a while. An administrator can lock any
user.

Failures are counted one after the other under the user's row lock, so parallel guesses gain nothing. A lock
by failures leaves sessions alone: otherwise an attacker who knows an address could sign its owner out. A lock
by an administrator ends them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.users.lookup import find_locked_user
from greffier.server.users.queries import UPDATE
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Instance

ADMITTED_AGAIN: dict[str, Any] = {"locked": False, "lockout_expires_at": None, "failed_attempts": 0}
"""Columns of a user who has been unlocked, or whose attempt succeeded."""


def locked_until(instance: Instance, now: int) -> dict[str, Any]:
    """Columns of a user who is locked from now on, for as long as the instance says."""
    duration = instance.settings.attack_protection.lockout.duration
    return {"locked": True, "lockout_expires_at": now + duration * 1000}


def is_locked(user: UserRow, now: int) -> bool:
    """Locked, and the lock has not expired."""
    return user.locked and (user.lockout_expires_at is None or user.lockout_expires_at > now)


def lockout_expires_in_seconds(user: UserRow, now: int) -> int | None:
    """`None` when not locked, or locked for ever."""
    if not is_locked(user, now) or user.lockout_expires_at is None:
        return None
    return -(-(user.lockout_expires_at - now) // 1000)


def attempts_remaining(instance: Instance, user: UserRow, now: int) -> int | None:
    """Failures that this user may still have; `None` when the instance has no lockout."""
    rules = instance.settings.attack_protection.lockout
    return max(0, rules.max_attempts - _failures(user, now)) if rules.enabled else None


def _failures(user: UserRow, now: int) -> int:
    """A lock that has expired takes its failures with it."""
    return 0 if user.locked and not is_locked(user, now) else user.failed_attempts


def require_unlocked(user: UserRow, now: int) -> None:
    """Raises: ApiError: 403 `user_locked`."""
    if is_locked(user, now):
        raise errors.user_locked(lockout_expires_in_seconds(user, now))


async def count_failure(ctx: Context, user_id: str) -> None:
    """Count a failed attempt.

    Raises:
        ApiError: 403 `user_locked` when this was one too many, or the user was locked meanwhile.
    """
    before, after = await _count(ctx, user_id)
    if before is not None:
        require_unlocked(before, ctx.now)
    if after is not None and is_locked(after, ctx.now):
        raise errors.user_locked(lockout_expires_in_seconds(after, ctx.now), keep_changes=True)


async def count_failure_silently(ctx: Context, user_id: str) -> bool:
    """Count a failed attempt without revealing whether it locks the user.

    Returns:
        whether it was counted; it is not for an unknown user, or one who is locked already.
    """
    _, after = await _count(ctx, user_id)
    return after is not None


async def _count(ctx: Context, user_id: str) -> tuple[UserRow | None, UserRow | None]:
    """The user before and after; a lock stays as it is."""
    rules = ctx.instance.settings.attack_protection.lockout
    if not rules.enabled:
        return None, None
    user = await find_locked_user(ctx, user_id)
    if user is None or is_locked(user, ctx.now):
        return user, None
    failures = _failures(user, ctx.now) + 1
    columns = ADMITTED_AGAIN | {"failed_attempts": failures}
    if failures >= rules.max_attempts:
        columns |= locked_until(ctx.instance, ctx.now)
    changed = msgspec.structs.replace(user, **columns)
    await ctx.db.save(UPDATE, changed)
    return user, changed
