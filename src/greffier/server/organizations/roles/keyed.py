"""Roles and permissions alike: a key that is unique in the instance, a name and a description."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.organizations.roles.requests import (
    PermissionPatch,
    PermissionRequest,
    RolePatch,
    RoleRequest,
)
from greffier.server.organizations.tables import PermissionRow, RoleRow
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.store.statements import Statement
from greffier.server.web.context import Context

Keyed = TypeVar("Keyed", RoleRow, PermissionRow)

MAX_TEXT = 256
"""Characters of a name or a description."""


def text_problems(name: str | None, description: Any) -> list[ErrorItem]:
    """Entries for what is no name of a role or of a permission."""
    problems: list[ErrorItem] = []
    if name is not None and not name.strip():
        problems.append(errors.param_nil("name"))
    for param, text in (("name", name), ("description", description)):
        if isinstance(text, str) and len(text) > MAX_TEXT:
            problems.append(errors.param_too_long(param, MAX_TEXT))
    return problems


def columns_of(ctx: Context, prefix: str, request: RoleRequest | PermissionRequest) -> dict[str, Any]:
    """The columns of a new row. Args: prefix: of its id."""
    return {
        "id": new_id(prefix, now_ms=ctx.now),
        "instance_id": ctx.instance.id,
        "key": request.key,
        "name": request.name.strip(),
        "description": request.description,
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }


async def insert_keyed(ctx: Context, insert: Statement[None], row: Keyed) -> Keyed:
    """Raises: ApiError: 422 `form_identifier_exists` when the key is taken."""
    try:
        await ctx.db.insert(insert, row)
    except UniqueViolation:
        raise errors.identifier_exists("key") from None
    return row


async def update_keyed(
    ctx: Context,
    update: Statement[None],
    row: Keyed,
    patch: RolePatch | PermissionPatch,
    problems: list[ErrorItem],
) -> Keyed:
    """Change what the patch names; null leaves a name or a key as it is.

    Args:
        problems: what is wrong with the key.

    Raises:
        ApiError: 422 for what is wrong, or a key that is taken.
    """
    if problems := text_problems(patch.name, patch.description) + problems:
        raise errors.invalid_params(*problems)
    changes: dict[str, Any] = {"updated_at": ctx.now}
    if patch.name is not None:
        changes["name"] = patch.name.strip()
    if patch.description is not msgspec.UNSET:
        changes["description"] = patch.description
    if patch.key is not None:
        changes["key"] = patch.key
    changed = msgspec.structs.replace(row, **changes)
    try:
        await ctx.db.save(update, changed)
    except UniqueViolation:
        raise errors.identifier_exists("key") from None
    return changed
