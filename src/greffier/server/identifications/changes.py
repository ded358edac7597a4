"""Changes that an application's backend makes to an address that a user has."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.emails import claim, make_primary, release
from greffier.server.identifications.notices import tell_of_new_primary
from greffier.server.identifications.queries import GET, LOCK_OF_USER, EmailWithVerification
from greffier.server.verifications.codes import attempt_code_of, record_verified, send_code
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


async def get_address(ctx: Context, email_address_id: str) -> EmailWithVerification:
    """Raises: ApiError: 404 when nobody of this instance has such an address."""
    found = await ctx.db.one(GET, instance_id=ctx.instance.id, id=email_address_id)
    if found is None:
        raise errors.not_found("email address")
    return found


async def lock_address(ctx: Context, email_address_id: str) -> EmailWithVerification:
    """The address as it is now, held with all of its user's: which one is primary depends on them.

    Raises:
        ApiError: 404 when nobody of this instance has such an address.
    """
    found = await get_address(ctx, email_address_id)
    await ctx.db.all(LOCK_OF_USER, instance_id=ctx.instance.id, user_id=found.email.user_id)
    return await get_address(ctx, email_address_id)


def is_verified(found: EmailWithVerification) -> bool:
    return found.email.claimed and not found.email.reserved


async def change_address(
    ctx: Context, email_address_id: str, *, verified: bool | None, primary: bool | None, notify: bool
) -> EmailWithVerification:
    """Verify an address on the administrator's word, or take that back; make it the primary one.

    Args:
        verified: `None` leaves it as it is.
        primary: only `True` changes anything: another address becomes primary in place of this one.
        notify: tell the address that was the primary one.

    Raises:
        ApiError: 404 without such an address; 422 when somebody else has it, or when it shall be primary
            without being verified; 400 when the last verified address would be unverified.
    """
    found = await lock_address(ctx, email_address_id)
    if verified and not is_verified(found):
        await claim(ctx, found.email, await record_verified(ctx, "admin"))
    elif verified is False and is_verified(found):
        await release(ctx, found.email)
    if primary:
        former = await make_primary(ctx, found.email.user_id, found.email.id, param="primary")
        if notify:
            await tell_of_new_primary(ctx, former)
    return await get_address(ctx, email_address_id)


async def send_code_to(ctx: Context, email_address_id: str) -> VerificationRow:
    """Mail a code for the application's own use. The address and its own verification stay as they are.

    Raises:
        ApiError: 404 without such an address.
    """
    found = await get_address(ctx, email_address_id)
    return await send_code(ctx, "email_code", found.email.email_address, subject_id=found.email.id)


async def attempt_code_for(
    ctx: Context, email_address_id: str, verification_id: str, code: str
) -> VerificationRow:
    """Check such a code. The right one verifies an address that is not verified yet.

    Raises:
        ApiError: 404 when there is no such address, or the verification is not of it; 400 when that was
            verified already.
    """
    found = await lock_address(ctx, email_address_id)
    verification = await attempt_code_of(ctx, found.email.id, verification_id, code)
    if verification.status == "verified" and not is_verified(found):
        await claim(ctx, found.email, verification)
    return verification
