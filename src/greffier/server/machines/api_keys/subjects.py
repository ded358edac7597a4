"""The subjects of API keys, and the permission to manage their keys. Every kind of subject is looked up in
the room that has it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from greffier.server import errors
from greffier.server.organizations.members.queries import GET_MEMBERSHIP
from greffier.server.organizations.queries import GET as GET_ORGANIZATION
from greffier.server.organizations.queries import LOCK as LOCK_ORGANIZATION
from greffier.server.store.statements import Statement
from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.queries import LOCK as LOCK_USER
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession

READ = ("org:sys_api_keys:read", "org:sys_api_keys:manage")
"""Permissions of which a member needs one to see the keys of an organization."""
MANAGE = ("org:sys_api_keys:manage",)
"""To make, change and revoke them."""


class _Owner(NamedTuple):
    """The look-up of subjects of one kind, and the column of a key that refers to them."""

    get: Statement[Any]
    lock: Statement[Any]
    column: str


_OWNERS = {
    "user": _Owner(GET_USER, LOCK_USER, "user_id"),
    "org": _Owner(GET_ORGANIZATION, LOCK_ORGANIZATION, "organization_id"),
}
"""By the prefix of the id. Subjects of other kinds are not found."""
NO_OWNER: dict[str, str | None] = {owner.column: None for owner in _OWNERS.values()}


async def require_subject(ctx: Context, subject: str) -> None:
    """Raises: ApiError: 404 when the instance has no such subject."""
    owner = _owner_of(subject)
    if owner is None or await ctx.db.one(owner.get, instance_id=ctx.instance.id, id=subject) is None:
        raise errors.not_found("subject")


async def lock_subject(ctx: Context, subject: str) -> dict[str, str]:
    """The columns of a key that stands for the subject, who is held until the request ends: of two keys made
    at once one sees the other.

    Raises:
        ApiError: 422 at `subject` when the instance has no such subject.
    """
    owner = _owner_of(subject)
    if owner is None or await ctx.db.one(owner.lock, instance_id=ctx.instance.id, id=subject) is None:
        raise errors.invalid_params(errors.param_value_invalid("subject", subject))
    return {"subject": subject, owner.column: subject}


def _owner_of(subject: str) -> _Owner | None:
    return _OWNERS.get(subject.partition("_")[0])


async def may_manage_keys(
    ctx: Context, caller: CurrentSession, subject: str, permissions: tuple[str, ...]
) -> bool:
    """Whether the caller may manage keys of this subject: their own, or those of an organization in which
    their role has one of these permissions, as far as the instance's settings allow such keys.
    """
    rules = ctx.instance.settings.api_keys
    if subject == caller.user_id:
        return rules.users
    if not (rules.organizations and ctx.instance.settings.organizations.enabled):
        return False
    keys = {"instance_id": ctx.instance.id, "user_id": caller.user_id, "organization_id": subject}
    membership = await ctx.db.one(GET_MEMBERSHIP, **keys)
    return membership is not None and bool(set(permissions) & set(membership.permissions))
