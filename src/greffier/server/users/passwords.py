"""Which passwords are accepted (NIST SP 800-63B section 3.1.1.2: a length, no composition rules)."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.web.context import Context
from greffier.server.web.instance import Instance

MAX_LENGTH = 4096
"""Characters; longer input is no password, and is not worth hashing."""


def password_problems(instance: Instance, password: str) -> list[ErrorItem]:
    """Entries for everything that is wrong with a new password; empty when it is accepted."""
    rules = instance.settings.password
    if len(password) < rules.min_length:
        return [errors.password_too_short(rules.min_length)]
    if len(password) > rules.max_length:
        return [errors.password_too_long(rules.max_length)]
    return []


async def hash_new_password(ctx: Context, password: str, *, check: bool = True) -> str:
    """The digest to store.

    Args:
        check: apply the instance's rules (an administrator may skip them).

    Raises:
        ApiError: 422 with the problems of the password.
    """
    if check and (problems := password_problems(ctx.instance, password)):
        raise ApiError(422, *problems)
    return await ctx.services.passwords.hash(password)
