"""Changes that an application's backend makes to identifications of every kind."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications import claims
from greffier.server.identifications.claims import claim, make_primary, release
from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.queries import GET_OF_KIND, Identification
from greffier.server.verifications.codes import attempt_code_of
from greffier.server.verifications.records import record_verified
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def get_identification(
    ctx: Context, kind: IdentificationKind, identification_id: str
) -> Identification:
    """Raises: ApiError: 404 when no user of this instance has it."""
    keys = {"instance_id": ctx.instance.id, "kind": kind.name, "id": identification_id}
    found = await ctx.db.one(GET_OF_KIND, **keys)
    if found is None:
        raise errors.not_found(kind.name.replace("_", " "))
    return found


async def lock_identification_of(
    ctx: Context, user_id: str, kind: IdentificationKind, identification_id: str
) -> Identification:
    """As `lock_identification`, of one user."""
    found = await lock_identification(ctx, kind, identification_id)
    if found.row.user_id != user_id:
        raise errors.not_found(kind.name.replace("_", " "))
    return found


async def lock_identification(
    ctx: Context, kind: IdentificationKind, identification_id: str
) -> Identification:
    """Locks all identifications of the user and returns this one: which one is primary depends on the others.

    Raises:
        ApiError: 404 when no user of this instance has it.
    """
    found = await get_identification(ctx, kind, identification_id)
    await claims.lock(ctx, found.row)
    return await get_identification(ctx, kind, identification_id)


async def change_identification(
    ctx: Context,
    kind: IdentificationKind,
    identification_id: str,
    *,
    verified: bool | None,
    primary: bool | None,
    notify: bool,
) -> Identification:
    """Verify it on the administrator's word, or take that back; make it the primary one.

    Args:
        verified: `None` leaves it as it is.
        primary: only `True` changes anything: another one becomes primary in place of this one.
        notify: tell the user there where the primary one was.

    Raises:
        ApiError: 404 when there is none; 422 when another user has it, or when it shall be primary without
            being verified; 400 when the last verified one would be unverified.
    """
    found = await lock_identification(ctx, kind, identification_id)
    if verified and not found.verified:
        await claim(ctx, found.row, await record_verified(ctx, "admin"))
    elif verified is False and found.verified:
        await release(ctx, found.row)
    if primary:
        former = await make_primary(ctx, found.row.user_id, kind.name, found.row.id, param="primary")
        if notify and former is not None:
            await kind.notify_former_primary(ctx, former)
    return await get_identification(ctx, kind, identification_id)


async def send_code_to(
    ctx: Context, kind: IdentificationKind, identification_id: str, strategy: str
) -> VerificationRow:
    """Send a code for the application's own use. The identification's own verification stays as it is.

    Raises:
        ApiError: 404 when there is none.
    """
    found = await get_identification(ctx, kind, identification_id)
    return await ctx.services.ports.strategies.prepare(
        ctx, strategy, found.row.identifier, subject_id=found.row.id, rest=Parameters()
    )


async def attempt_code_for(
    ctx: Context, kind: IdentificationKind, identification_id: str, verification_id: str, code: str
) -> VerificationRow:
    """Check such a code. The right one verifies what is not verified yet.

    Raises:
        ApiError: 404 when there is none, or the verification is not of it; 400 when that was verified
            already.
    """
    found = await lock_identification(ctx, kind, identification_id)
    verification = await attempt_code_of(ctx, found.row.id, verification_id, code)
    if verification.status == "verified" and not found.verified:
        await claim(ctx, found.row, verification)
    return verification
