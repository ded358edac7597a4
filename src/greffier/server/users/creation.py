"""Making a user, from a sign-up or by the Backend API."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.queries import INSERT
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


def new_user(ctx: Context, **fields: Any) -> UserRow:
    """A row with the defaults of a new user, changed by `fields`; not written yet."""
    absent: dict[str, Any] = dict.fromkeys(UserRow.__struct_fields__)
    defaults: dict[str, Any] = {
        "id": new_id("user", now_ms=ctx.now),
        "instance_id": ctx.instance.id,
        "public_metadata": {},
        "private_metadata": {},
        "unsafe_metadata": {},
        "banned": False,
        "locked": False,
        "delete_self_enabled": True,
        "create_organization_enabled": True,
        "bypass_client_trust": False,
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }
    return UserRow(**(absent | defaults | fields))


async def insert_user(ctx: Context, row: UserRow) -> None:
    """Raises: ApiError: 422 `form_identifier_exists` when the external id or the username is taken."""
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation as error:
        raise errors.identifier_exists(
            "username" if "username" in error.constraint else "external_id"
        ) from None
