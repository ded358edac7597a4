"""Lockout: after too many failed attempts a user cannot sign in for a while. An administrator can lock any
user.

Failures are counted one after the other under the user's row lock, so parallel guesses gain nothing. A lock
by failures leaves sessions alone: otherwise an attacker who knows an address could sign its owner out. Nor
does it keep out a client on which the user has signed in before and has not failed as often (device cookies,
as OWASP describes them). A lock by an administrator ends sessions, and has no exceptions.
"""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.users.lookup import find_locked_user
from greffier.server.users.queries import UPDATE
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Instance

WARNED_FROM = 3
"""Remaining attempts of which a user is warned."""
ADMITTED_AGAIN: dict[str, Any] = {
    "locked": False,
    "lockout_expires_at": None,
    "failed_attempts": 0,
    "client_failures": None,
}
"""Columns of a user who has been unlocked, or whose attempt succeeded."""


def locked_until(instance: Instance, now: int) -> dict[str, Any]:
    """Columns of a user who is locked from now on, for as long as the instance says."""
    duration = instance.settings.attack_protection.lockout.duration
    return {"locked": True, "lockout_expires_at": now + duration * 1000}


def locked_by_administrator(instance: Instance, now: int) -> dict[str, Any]:
    """The same, without failures: they would make it a lock that has exceptions."""
    return locked_until(instance, now) | {"failed_attempts": 0}


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


async def require_unlocked(ctx: Context, user: UserRow, client_id: str | None = None) -> None:
    """Args: client_id: where the user is, if it is not the client that asks.

    Raises:
        ApiError: 403 `user_locked`.
    """
    if not await may_attempt(ctx, user, client_id):
        raise errors.user_locked(lockout_expires_in_seconds(user, ctx.now))


async def may_attempt(ctx: Context, user: UserRow, client_id: str | None = None) -> bool:
    """Returns whether the user is not locked, or not on this client."""
    if not is_locked(user, ctx.now):
        return True
    client_id = client_id or _client_id(ctx)
    return has_exception(ctx, user, client_id) and await is_known(ctx, user.id, client_id)


def has_exception(ctx: Context, user: UserRow, client_id: str | None) -> bool:
    """Returns whether a locked user may go on where they have signed in before, if that is here: until too
    many attempts have failed there too."""
    most = ctx.instance.settings.attack_protection.lockout.max_attempts
    return is_locked_by_failures(ctx.instance, user, ctx.now) and _failed_on(user, client_id) < most


async def is_known(ctx: Context, user_id: str, client_id: str | None) -> bool:
    """Returns whether the user has signed in on this client before."""
    return client_id is not None and await ctx.services.ports.sessions.has_signed_in(ctx, client_id, user_id)


def is_locked_by_failures(instance: Instance, user: UserRow, now: int) -> bool:
    """Locked by attempts that failed, not by an administrator."""
    return is_locked(user, now) and user.failed_attempts >= (
        instance.settings.attack_protection.lockout.max_attempts
    )


async def count_failure(ctx: Context, user_id: str, error: ApiError) -> None:
    """Count a failed attempt. Near the limit, its error warns of the lock.

    Args:
        error: the answer to the attempt.

    Raises:
        ApiError: 403 `user_locked` when this was one too many, or the user was locked meanwhile.
    """
    before, after = await _count(ctx, user_id)
    if before is None:
        return
    if after is None or not await may_attempt(ctx, after):
        locked = after or before
        raise errors.user_locked(lockout_expires_in_seconds(locked, ctx.now), keep_changes=after is not None)
    remaining = _remaining_here(ctx, after)
    if remaining <= WARNED_FROM:
        error.items += (errors.account_lockout_warning(remaining),)


def _remaining_here(ctx: Context, user: UserRow) -> int:
    most = ctx.instance.settings.attack_protection.lockout.max_attempts
    failed = _failed_on(user, _client_id(ctx)) if is_locked(user, ctx.now) else _failures(user, ctx.now)
    return most - failed


def _failed_on(user: UserRow, client_id: str | None) -> int:
    return (user.client_failures or {}).get(client_id or "", 0)


def _client_id(ctx: Context) -> str | None:
    return ctx.client.id if ctx.client else None


async def count_failure_silently(ctx: Context, user_id: str) -> bool:
    """Count a failed attempt without revealing whether it locks the user.

    Returns:
        whether it was counted; it is not for an unknown user, or one who is locked already.
    """
    _, after = await _count(ctx, user_id)
    return after is not None


async def _count(ctx: Context, user_id: str) -> tuple[UserRow | None, UserRow | None]:
    """The user before and after; `None` where nothing is counted. A lock stays as it is."""
    if not ctx.instance.settings.attack_protection.lockout.enabled:
        return None, None
    client_id = _client_id(ctx)
    known = await is_known(ctx, user_id, client_id)  # asked without a user, too: it must not show in the time
    user = await find_locked_user(ctx, user_id)
    if user is None:
        return None, None
    changed = _failed_again(ctx, user) if not is_locked(user, ctx.now) else user
    if changed is user and not (known and has_exception(ctx, user, client_id)):
        return user, None
    if known and client_id is not None:
        failures = (changed.client_failures or {}) | {client_id: _failed_on(changed, client_id) + 1}
        changed = msgspec.structs.replace(changed, client_failures=failures)
    await ctx.db.save(UPDATE, changed)
    return user, changed


def _failed_again(ctx: Context, user: UserRow) -> UserRow:
    """A user who is not locked, or not any more, after one more failure."""
    failures = _failures(user, ctx.now) + 1
    before = None if user.locked else user.client_failures  # an expired lock takes them with it
    columns = ADMITTED_AGAIN | {"failed_attempts": failures, "client_failures": before}
    if failures >= ctx.instance.settings.attack_protection.lockout.max_attempts:
        columns |= locked_until(ctx.instance, ctx.now)
    return msgspec.structs.replace(user, **columns)


def after_success(user: UserRow, client_id: str, now: int) -> dict[str, Any]:
    """Columns of a user who has signed in. Success on a client that has an exception leaves the lock of all
    others: it would give an attacker new attempts."""
    if not is_locked(user, now):
        return ADMITTED_AGAIN
    others = {
        client: failed for client, failed in (user.client_failures or {}).items() if client != client_id
    }
    return {"client_failures": others or None}
