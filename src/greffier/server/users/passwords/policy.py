"""The password policy (NIST SP 800-63B section 3.1.1.2): long enough and not a common one; no composition
rules.
"""

from __future__ import annotations

import asyncio
from typing import Any

from greffier.server import errors
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.users.passwords.breaches import has_leaked
from greffier.server.users.passwords.common_passwords import is_common, strength
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context

MAX_LENGTH = 4096
"""Characters; longer input is no password, and is not worth hashing."""

RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of a task
"""The task of a session whose user must choose another password."""


def password_columns(digest: str | None, now: int) -> dict[str, Any]:
    """The columns of a user with a new password, or with none; marks of the old one are cleared."""
    return {
        "password_digest": digest,
        "password_updated_at": None if digest is None else now,
        "password_compromised_at": None,
    }


async def password_problems(ctx: Context, password: str) -> list[ErrorItem]:
    """The problems of a new password; empty when it is accepted. Call it before writing: it may wait for a
    thread or for the breach service.
    """
    rules = ctx.instance.settings.password
    if len(password) < rules.min_length:
        return [errors.password_too_short(rules.min_length)]
    if len(password) > rules.max_length:
        return [errors.password_too_long(rules.max_length)]
    if await asyncio.to_thread(is_common, password):
        return [errors.password_too_common()]
    if rules.min_strength:
        score, suggestions = await asyncio.to_thread(strength, password)
        if score < rules.min_strength:
            return [errors.password_too_weak(suggestions)]
    breach_url = ctx.services.settings.breach_url
    if breach_url and rules.refuse_breached and await has_leaked(breach_url, password):
        return [errors.password_leaked()]
    return []


async def hash_new_password(ctx: Context, password: str, *, check: bool = True) -> str:
    """The digest to store.

    Args:
        check: apply the instance's rules (an administrator may skip them).

    Raises:
        ApiError: 422 with the problems of the password.
    """
    if check and (problems := await password_problems(ctx, password)):
        raise ApiError(422, *problems)
    return await ctx.services.passwords.hash(password)


async def is_password(ctx: Context, user: UserRow, password: str) -> bool:
    """Whether this is the password of a user who has one. Slow: call it before anything is locked."""
    if user.password_digest is None or len(password) > MAX_LENGTH:
        return False
    return await ctx.services.passwords.verify(user.password_digest, password)
