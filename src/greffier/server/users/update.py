"""Changing a user by the Backend API, and the metadata that has operations of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.identifications.claims import make_primary
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.store.database import UniqueViolation
from greffier.server.users.creation import taken
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.passwords.policy import RESET_PASSWORD
from greffier.server.users.profile.entitlements import KEY as ENTITLEMENTS
from greffier.server.users.profile.fields import new_password_columns, new_password_problems, read_columns
from greffier.server.users.profile.metadata import FIELDS as DOCUMENTS
from greffier.server.users.profile.metadata import Change, changed_documents, checked_documents
from greffier.server.users.queries import UPDATE
from greffier.server.users.requests import UpdateUserRequest, UserMetadataRequest
from greffier.server.users.second_factors.given import (
    delete_replaced,
    given_factor_columns,
    given_factor_problems,
    insert_given_factors,
    read_given_factors,
)
from greffier.server.users.second_factors.state import SETUP_MFA, has_second_factor
from greffier.server.users.tables import UserRow
from greffier.server.versions.v2026_05_12 import METADATA_HAS_OWN_OPERATIONS
from greffier.server.web.context import Context


async def save_user(ctx: Context, user: UserRow, **columns: Any) -> UserRow:
    """Raises: ApiError: 422 `form_identifier_exists` when the external id or the username is taken."""
    changed = msgspec.structs.replace(user, updated_at=ctx.now, **columns)
    try:
        await ctx.db.save(UPDATE, changed, former=user)
    except UniqueViolation as error:
        raise taken(error) from None
    if user.password_compromised_at is not None and changed.password_compromised_at is None:
        await ctx.services.ports.sessions.finish_task(ctx, user.id, RESET_PASSWORD)
    if has_second_factor(changed) and not has_second_factor(user):
        await ctx.services.ports.sessions.finish_task(ctx, user.id, SETUP_MFA)
    entitlements = changed.private_metadata.get(ENTITLEMENTS)
    if entitlements != user.private_metadata.get(ENTITLEMENTS):
        await ctx.services.ports.sessions.set_entitlements(ctx, user.id, entitlements)
    return changed


async def update_user(ctx: Context, user_id: str, request: UpdateUserRequest) -> UserRow:
    """Change what the request names, and nothing else.

    Raises:
        ApiError: 404 without such a user; 422 with an entry for everything that is wrong.
    """
    await get_user(ctx, user_id)  # before a password is hashed in vain
    columns, problems = read_columns(request)
    problems += await new_password_problems(ctx, request)
    problems += given_factor_problems(ctx, request) + _misplaced(ctx, request)
    if problems:
        raise errors.invalid_params(*problems)
    columns |= await new_password_columns(ctx, request)
    factors = await read_given_factors(ctx, request, user_id)
    await delete_replaced(ctx, factors, user_id)
    user = await lock_user(ctx, user_id)
    await insert_given_factors(ctx, factors, user_id)
    columns |= given_factor_columns(factors, user, ctx.now)
    await _make_primary(ctx, user, request)
    changed = await save_user(ctx, user, **columns)
    if request.sign_out_of_other_sessions:
        await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user.id)
    return changed


async def _make_primary(ctx: Context, user: UserRow, request: UpdateUserRequest) -> None:
    for kind in verifiable_kinds():
        param = f"primary_{kind.name}_id"
        if wanted := getattr(request, param, None):
            former = await make_primary(ctx, user.id, kind.name, wanted, param=param)
            if former is not None and getattr(request, f"notify_primary_{kind.name}_changed", None):
                await kind.notify_former_primary(ctx, former)


def _misplaced(ctx: Context, request: UpdateUserRequest) -> list[ErrorItem]:
    problems = [errors.param_not_enabled("profile_image_id")] if request.profile_image_id else []
    if METADATA_HAS_OWN_OPERATIONS.applies(ctx.version):
        problems += [
            errors.metadata_has_its_own_operation(name)
            for name in DOCUMENTS
            if getattr(request, name) is not msgspec.UNSET
        ]
    if request.sign_out_of_other_sessions and not (request.password or request.password_digest):
        problems.append(errors.param_missing("password"))
    return problems


async def change_metadata(
    ctx: Context,
    user_id: str,
    request: UserMetadataRequest,
    change: Change,
) -> UserRow:
    """Change each document that is given.

    Raises:
        ApiError: 404 without such a user; 422 when a document is, or becomes, too large.
    """
    given = checked_documents(request)
    user = await lock_user(ctx, user_id)
    return await save_user(ctx, user, **changed_documents(user, given, change))
