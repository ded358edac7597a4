"""Giving a user an identification by the Backend API. Rules of identifications alone are in
`identifications/`."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import (
    delete_all_of,
    give,
    make_primary,
    primary_of,
    require_unclaimed,
)
from greffier.server.identifications.kinds import kind_named
from greffier.server.identifications.queries import Identification
from greffier.server.users.lookup import lock_user
from greffier.server.users.second_factors.changes import identifications_changed, lock_factors
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.records import record_verified
from greffier.server.web.context import Context

Status = Literal["verified", "reserved", "unverified"]


async def add_identification(
    ctx: Context, user_id: str, identifier: Identifier, *, verified: bool, primary: bool, notify: bool
) -> Identification:
    """One more. The first of its kind that is verified becomes the primary one.

    Args:
        notify: notify the former primary one.

    Raises:
        ApiError: 404 without such a user; 422 when it is taken, or shall be primary without being verified.
    """
    if primary and not verified:
        why = f"primary can be true for a verified {identifier.kind.replace('_', ' ')} only."
        raise errors.invalid_params(errors.param_format_invalid("primary", why))
    user = await lock_user(ctx, user_id)
    await require_unclaimed(ctx, identifier)
    verification = await record_verified(ctx, "admin") if verified else None
    given = await give(ctx, user.id, identifier, verification=verification)
    if not primary:
        return given
    former = await make_primary(ctx, user.id, identifier.kind, given.row.id, param="primary")
    if notify and former is not None:
        await kind_named(identifier.kind).notify_former_primary(ctx, former)
    return Identification(msgspec.structs.replace(given.row, is_primary=True), verification)


async def replace_identifications(
    ctx: Context, user_id: str, identifier: Identifier, *, status: Status, notify: bool
) -> Identification:
    """One instead of all of its kind that the user had.

    Args:
        notify: notify the former primary one, unless it is the same.

    Raises:
        ApiError: 404 without such a user; 422 when another user has it.
    """
    user = await lock_factors(ctx, user_id)
    former = await primary_of(ctx, user.id, identifier.kind)
    await delete_all_of(ctx, user.id, identifier.kind)
    given = await give(
        ctx,
        user.id,
        identifier,
        verification=await record_verified(ctx, "admin") if status == "verified" else None,
        reserved=status == "reserved",
    )
    await identifications_changed(ctx, user.id)
    if notify and former is not None and former.canonical != given.row.canonical:
        await kind_named(identifier.kind).notify_former_primary(ctx, former)
    return given
