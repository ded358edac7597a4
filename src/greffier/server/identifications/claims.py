"""Ownership of identifications: giving, claiming, making primary, releasing and removing them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.queries import (
    DELETE,
    DELETE_OF_USER,
    DELETE_UNCLAIMED_OF_USER,
    FIND_CLAIMED,
    FIND_OF_USER,
    FIND_UNCLAIMED,
    GET_OF_USER,
    INSERT,
    LOCK_OF_USER,
    OF_USER,
    PRIMARY_OF_USER,
    RELEASE_SECOND_FACTORS,
    UPDATE,
    Identification,
    identifications_of_users,
)
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


async def find_claimed(ctx: Context, identifier: Identifier) -> IdentificationRow | None:
    """Returns the verified or reserved identification with this identifier, if there is one."""
    return await ctx.db.one(
        FIND_CLAIMED, instance_id=ctx.instance.id, kind=identifier.kind, canonical=identifier.canonical
    )


async def find_unclaimed(ctx: Context, identifier: Identifier) -> IdentificationRow | None:
    """Returns the one identification with this identifier that has not been verified; `None` if several users
    have one."""
    found = await ctx.db.all(
        FIND_UNCLAIMED, instance_id=ctx.instance.id, kind=identifier.kind, canonical=identifier.canonical
    )
    return found[0] if len(found) == 1 else None


async def find_of_user(ctx: Context, user_id: str, identifier: Identifier) -> IdentificationRow | None:
    """Returns the user's identification with this identifier, verified or not."""
    keys = {"kind": identifier.kind, "canonical": identifier.canonical}
    return await ctx.db.one(FIND_OF_USER, instance_id=ctx.instance.id, user_id=user_id, **keys)


async def find_identifying(ctx: Context, identifier: Identifier) -> IdentificationRow | None:
    """As `find_claimed`, of those with which their users sign in."""
    found = await find_claimed(ctx, identifier)
    return found if found is not None and found.identifies else None


async def require_unclaimed(ctx: Context, identifier: Identifier) -> None:
    """Raises: ApiError: 422 `form_identifier_exists`."""
    if await find_claimed(ctx, identifier):
        raise errors.identifier_exists(identifier.kind)


async def give(
    ctx: Context,
    user_id: str,
    identifier: Identifier,
    *,
    verification: VerificationRow | None = None,
    reserved: bool = False,
    second_factor: str | None = None,
) -> Identification:
    """Give a user an identification. Verified or reserved it is claimed; the first claimed one of its kind
    becomes primary.

    Args:
        second_factor: as `IdentificationRow` says, for one that is not claimed yet.

    Raises:
        ApiError: 422 `form_identifier_exists` when another user has it, or the user already has; 400 when
            the verification is of another one.
    """
    if verification is not None and not verification.proves(identifier):
        raise errors.verification_missing()
    claimed = reserved or (verification is not None and verification.status == "verified")
    row = IdentificationRow(
        id=new_id("idn", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        kind=identifier.kind,
        value=identifier.value,
        canonical=identifier.canonical,
        claimed=claimed,
        reserved=reserved,
        is_primary=claimed and await primary_of(ctx, user_id, identifier.kind) is None,
        verification_id=verification.id if verification else None,
        created_at=ctx.now,
        updated_at=ctx.now,
        family=identifier.family,
        second_factor=second_factor,
    )
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation:
        raise errors.identifier_exists(identifier.kind) from None
    return Identification(row, verification)


async def primary_of(ctx: Context, user_id: str, kind: str) -> IdentificationRow | None:
    return await ctx.db.one(PRIMARY_OF_USER, instance_id=ctx.instance.id, user_id=user_id, kind=kind)


async def get_claimed_of(
    ctx: Context, user_id: str, kind: str, identification_id: str, *, param: str
) -> IdentificationRow:
    """Raises: ApiError: 422 at `param` when it is not the user's, or not verified."""
    keys = {"instance_id": ctx.instance.id, "user_id": user_id, "kind": kind, "id": identification_id}
    found = await ctx.db.one(GET_OF_USER, **keys)
    if found is None or not found.row.claimed:
        raise errors.invalid_params(errors.param_value_invalid(param, identification_id))
    return found.row


async def require_proof_of(ctx: Context, user_id: str, verification: VerificationRow) -> None:
    """Refuses a first factor that is not of the user. A code, link or ticket verifies the identifier that it
    was sent to, and says nothing about the user that is found by it when it is used.

    Raises:
        ApiError: 400 when it was sent to one with which the user does not sign in now.
    """
    if verification.sent_to is None:
        return
    identifier = verification.identifier
    found = await find_of_user(ctx, user_id, identifier) if identifier else None
    if found is None or not found.identifies:
        raise errors.verification_missing()


async def of_user(ctx: Context, user_id: str) -> list[Identification]:
    """Returns a user's identifications of all kinds, oldest first."""
    return await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def by_user(ctx: Context, user_ids: list[str]) -> dict[str, list[Identification]]:
    """Returns the identifications of several users, with one query."""
    found: dict[str, list[Identification]] = {}
    if user_ids:
        for one in await ctx.db.select(*identifications_of_users(ctx.instance.id, user_ids)):
            found.setdefault(one.row.user_id, []).append(one)
    return found


async def claim(ctx: Context, row: IdentificationRow, verification: VerificationRow) -> IdentificationRow:
    """It is verified: the user's alone from now on.

    Raises:
        ApiError: 422 `form_identifier_exists` when another user verified it first; 400 when the verification
            is of another one.
    """
    if not verification.proves(row.identifier):
        raise errors.verification_missing()
    await _before_second_factors_change(ctx, row)
    own = await _locked_of_user(ctx, row.user_id)
    row = next((one for one in own if one.id == row.id), row)
    first = not any(one.is_primary for one in own if one.kind == row.kind)
    claimed = msgspec.structs.replace(
        row,
        claimed=True,
        reserved=False,
        is_primary=row.is_primary or first,
        verification_id=verification.id,
        updated_at=ctx.now,
    )
    await _change(ctx, row, claimed)
    return await _after_second_factors_changed(ctx, claimed)


async def lock(ctx: Context, row: IdentificationRow) -> IdentificationRow:
    """Returns the identification as it is now, held until the request ends, as are the user's others. What
    else the user signs in with is held by the user's own row."""
    await ctx.services.ports.second_factors.lock_factors(ctx, row.user_id)
    own = await _locked_of_user(ctx, row.user_id)
    return next((one for one in own if one.id == row.id), row)


async def _before_second_factors_change(ctx: Context, row: IdentificationRow) -> None:
    """A second factor changes under the locks of all of them, which are taken before any other."""
    if row.second_factor is not None:
        await ctx.services.ports.second_factors.lock_factors(ctx, row.user_id)


async def _after_second_factors_changed(ctx: Context, row: IdentificationRow) -> IdentificationRow:
    """Returns the row as the change of the user's second factors left it; as it is if that deleted it.

    Raises:
        ApiError: 400 when the user must keep one, and this was the last.
    """
    if row.second_factor is None:
        return row
    await ctx.services.ports.second_factors.identifications_changed(ctx, row.user_id)
    keys = {"instance_id": ctx.instance.id, "user_id": row.user_id, "kind": row.kind, "id": row.id}
    found = await ctx.db.one(GET_OF_USER, **keys)
    return found.row if found else row


async def make_primary(
    ctx: Context, user_id: str, kind: str, identification_id: str, *, param: str
) -> IdentificationRow | None:
    """Let this be the user's primary one of its kind; the one that it replaces as such, if it is another.

    Raises:
        ApiError: 422 at `param` when it is not the user's, or not verified.
    """
    await _locked_of_user(ctx, user_id)
    row = await get_claimed_of(ctx, user_id, kind, identification_id, param=param)
    former = await primary_of(ctx, user_id, kind)
    if former is not None and former.id == identification_id:
        return None
    if former is not None:
        await _change(ctx, former, msgspec.structs.replace(former, is_primary=False))
    await _change(ctx, row, msgspec.structs.replace(row, is_primary=True, updated_at=ctx.now))
    return former


async def _locked_of_user(ctx: Context, user_id: str) -> list[IdentificationRow]:
    """Returns the user's identifications as they are now, held until the request ends: of two requests that
    would each make one primary, the second sees what the first did."""
    return await ctx.db.all(LOCK_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def delete(ctx: Context, row: IdentificationRow) -> None:
    """Take an identification from its user; another claimed one of its kind becomes primary.

    Raises:
        ApiError: 400 when it is the last of a kind that every user must have, or the user could not sign in
            without it.
    """
    row = await lock(ctx, row)
    others = await _others(ctx, row)
    could = await _is_way_in(ctx, row)
    await ctx.db.remove(DELETE, row)
    await _promote_another(ctx, row, others)
    await _after_second_factors_changed(ctx, row)
    await _require_way_in(ctx, row, could)


async def release(ctx: Context, row: IdentificationRow) -> IdentificationRow:
    """Marks it as unverified again: any user may claim it. Another one becomes primary.

    Raises:
        ApiError: as `delete`.
    """
    row = await lock(ctx, row)
    others = await _others(ctx, row)
    could = await _is_way_in(ctx, row)
    released = msgspec.structs.replace(
        row,
        claimed=False,
        reserved=False,
        is_primary=False,
        verification_id=None,
        updated_at=ctx.now,
        second_factor=None,
    )
    await _change(ctx, row, released)
    await _promote_another(ctx, row, others)
    await _after_second_factors_changed(ctx, row)
    await _require_way_in(ctx, row, could)
    return released


async def _others(ctx: Context, row: IdentificationRow) -> list[IdentificationRow]:
    """Returns the user's other claimed identifications.

    Raises:
        ApiError: 400 when this is the last of a kind that every user must have.
    """
    others = [one.row for one in await of_user(ctx, row.user_id) if one.row.claimed and one.row.id != row.id]
    required = ctx.instance.settings.attribute(row.kind).required
    if row.identifies and required and not any(one.kind == row.kind for one in others):
        raise errors.last_identification()
    return others


async def _is_way_in(ctx: Context, row: IdentificationRow) -> bool:
    return row.identifies and await ctx.services.ports.strategies.can_sign_in(ctx, row.user_id)


async def _require_way_in(ctx: Context, row: IdentificationRow, could: bool) -> None:
    """Args: could: the user could sign in before.

    Raises:
        ApiError: 400 when they cannot any more.
    """
    if could and not await ctx.services.ports.strategies.can_sign_in(ctx, row.user_id):
        raise errors.last_identification()


async def _promote_another(ctx: Context, row: IdentificationRow, others: list[IdentificationRow]) -> None:
    of_kind = [other for other in others if other.kind == row.kind]
    following = next((other for other in of_kind if other.identifies), next(iter(of_kind), None))
    if row.is_primary and following is not None:
        await _change(ctx, following, msgspec.structs.replace(following, is_primary=True))


async def make_default_second_factor(ctx: Context, row: IdentificationRow) -> None:
    """Of the user's identifications that are second factors, this is the first to be offered."""
    for one in await _locked_of_user(ctx, row.user_id):
        value = "default" if one.id == row.id else "reserved"
        if one.is_second_factor and one.second_factor != value:
            await save(ctx, msgspec.structs.replace(one, second_factor=value, updated_at=ctx.now))


async def release_second_factors(ctx: Context, user_id: str) -> None:
    """No identification of the user is a second factor any more. The caller keeps the user in line."""
    await ctx.db.execute(RELEASE_SECOND_FACTORS, instance_id=ctx.instance.id, user_id=user_id, now=ctx.now)


async def delete_all_of(ctx: Context, user_id: str, kind: str) -> None:
    """Take every one of a kind from a user who is given another one in the same transaction."""
    await ctx.db.execute(DELETE_OF_USER, instance_id=ctx.instance.id, user_id=user_id, kind=kind)


async def delete_unclaimed_of(ctx: Context, user_id: str) -> None:
    """Take from a user whatever they have not verified."""
    await ctx.db.execute(DELETE_UNCLAIMED_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def save(
    ctx: Context, row: IdentificationRow, former: IdentificationRow | None = None
) -> IdentificationRow:
    """Write a changed identification back.

    Args:
        former: as it was, where its user is notified of the change.

    Raises:
        ApiError: 422 `form_identifier_exists` when it is claimed now and another user was first.
    """
    return await _change(ctx, former, row)


async def _change(
    ctx: Context, former: IdentificationRow | None, row: IdentificationRow
) -> IdentificationRow:
    try:
        await ctx.db.save(UPDATE, row, former=former)
    except UniqueViolation:
        raise errors.identifier_exists(row.kind) from None
    return row
