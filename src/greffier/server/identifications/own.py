"""The caller's own identifications of every kind: listed, added, verified and removed."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications import claims
from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.notices import notice_if_taken
from greffier.server.identifications.queries import GET_OF_USER, Identification
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def get_own(ctx: Context, kind: IdentificationKind, identification_id: str) -> Identification:
    """Raises: ApiError: 401 signed out, 404 when it is not the caller's."""
    caller = await ctx.require_session()
    keys = {"user_id": caller.user_id, "kind": kind.name, "id": identification_id}
    found = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, **keys)
    if found is None:
        raise errors.not_found(kind.name.replace("_", " "))
    return found


async def list_own(ctx: Context, kind: IdentificationKind) -> list[Identification]:
    """Raises: ApiError: 401 signed out."""
    caller = await ctx.require_session()
    return [one for one in await claims.of_user(ctx, caller.user_id) if one.row.kind == kind.name]


async def add_own(
    ctx: Context, kind: IdentificationKind, text: str, *, second_factor: str | None = None
) -> Identification:
    """One more, which is to be verified.

    Args:
        second_factor: as `IdentificationRow` says.

    Raises:
        ApiError: 401 signed out; 422 when it is not accepted, as `IdentificationKind.read_new` says; 403 when
            the caller has one for good.
    """
    caller = await ctx.require_session()
    if kind.is_immutable(ctx) and any(one.row.claimed for one in await list_own(ctx, kind)):
        raise errors.attribute_immutable(kind.name)
    identifier = await kind.read_new(ctx, text)
    return await claims.give(ctx, caller.user_id, identifier, second_factor=second_factor)


async def delete_own(ctx: Context, kind: IdentificationKind, identification_id: str) -> None:
    """Raises: ApiError: as `get_own`; 400 when it is the last one the user can sign in with; 403 when the
    caller has it for good."""
    found = await get_own(ctx, kind, identification_id)
    if kind.is_immutable(ctx) and found.row.claimed:
        raise errors.attribute_immutable(kind.name)
    await claims.delete(ctx, found.row)


async def prepare_own(
    ctx: Context, kind: IdentificationKind, identification_id: str, strategy: str, rest: Parameters
) -> Identification:
    """Start verifying it, for example send a code.

    Raises:
        ApiError: as `get_own`; 422 for a strategy that is off; 400 when it is verified already.
    """
    found = await get_own(ctx, kind, identification_id)
    if strategy not in ctx.instance.settings.attribute(kind.name).verifications:
        raise errors.strategy_invalid(strategy)
    if found.verified:
        raise errors.verification_already_verified()
    notice = None if found.row.claimed else await notice_if_taken(ctx, found.row.identifier)
    verification = await ctx.services.ports.strategies.prepare(
        ctx,
        strategy,
        found.row.identifier,
        owner_id=found.row.id,
        former_id=found.row.verification_id,
        notice=notice,
        rest=rest,
    )
    row = await claims.lock(ctx, found.row)
    row = msgspec.structs.replace(row, verification_id=verification.id, updated_at=ctx.now)
    return Identification(await claims.save(ctx, row), verification)


async def attempt_own(
    ctx: Context, kind: IdentificationKind, identification_id: str, rest: Parameters
) -> Identification:
    """Attempt the verification.

    Raises:
        ApiError: as `get_own`; errors of the strategy; 422 when another user was first.
    """
    found = await get_own(ctx, kind, identification_id)
    if found.verification is None:
        raise errors.verification_missing()
    verification = await ctx.services.ports.strategies.attempt(
        ctx, found.verification.strategy, found.row.identifier, found.verification.id, rest
    )
    return Identification(await claims.claim(ctx, found.row, verification), verification)
