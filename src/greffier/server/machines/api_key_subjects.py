"""Whom an API key can stand for: every kind of subject is looked up in the room that has it."""

from __future__ import annotations

from typing import NamedTuple

from greffier.server import errors
from greffier.server.store.statements import Statement
from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.queries import LOCK as LOCK_USER
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class _Owner(NamedTuple):
    """How subjects of one kind are found, and the column of a key that ends it with them."""

    get: Statement[UserRow]
    lock: Statement[UserRow]
    column: str


_OWNERS = {"user": _Owner(GET_USER, LOCK_USER, "user_id")}
"""By the prefix of the id. Of other kinds nobody is found."""


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
