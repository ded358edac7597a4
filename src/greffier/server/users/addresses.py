"""Giving a user an email address by the Backend API. Rules of an address alone are in `identifications/`."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.emails import (
    add_email_address,
    delete_all_of,
    make_primary,
    primary_of,
    read_email_address,
    require_unclaimed,
)
from greffier.server.identifications.notices import tell_of_new_primary
from greffier.server.identifications.queries import EmailWithVerification
from greffier.server.users.requests import CreateEmailAddressRequest, ReplaceEmailAddressRequest
from greffier.server.users.update import lock_user
from greffier.server.verifications.codes import record_verified
from greffier.server.web.context import Context


async def create_email_address(ctx: Context, request: CreateEmailAddressRequest) -> EmailWithVerification:
    """One more address. The first that is verified becomes the primary one.

    Raises:
        ApiError: 404 without such a user; 422 when the address is malformed or taken, or shall be primary
            without being verified.
    """
    address = read_email_address(request.email_address)
    if request.primary and not request.verified:
        why = "primary can be true for a verified email address only."
        raise errors.invalid_params(errors.param_format_invalid("primary", why))
    user = await lock_user(ctx, request.user_id)
    await require_unclaimed(ctx, address)
    verification = await record_verified(ctx, "admin") if request.verified else None
    added = await add_email_address(ctx, user.id, address, verification=verification)
    if not request.primary:
        return added
    former = await make_primary(ctx, user.id, added.email.id, param="primary")
    if request.notify_primary_email_address_changed:
        await tell_of_new_primary(ctx, former)
    return EmailWithVerification(msgspec.structs.replace(added.email, is_primary=True), verification)


async def replace_email_address(
    ctx: Context, user_id: str, request: ReplaceEmailAddressRequest
) -> EmailWithVerification:
    """One address instead of all that the user had.

    Raises:
        ApiError: 404 without such a user; 422 when the address is malformed or another user has it.
    """
    address = read_email_address(request.email_address)
    user = await lock_user(ctx, user_id)
    former = await primary_of(ctx, user.id)
    await delete_all_of(ctx, user.id)
    verified = request.identification_status == "verified"
    added = await add_email_address(
        ctx,
        user.id,
        address,
        verification=await record_verified(ctx, "admin") if verified else None,
        reserved=request.identification_status == "reserved",
    )
    same = former is not None and former.canonical == added.email.canonical
    if request.notify_primary_email_address_changed and not same:
        await tell_of_new_primary(ctx, former)
    return added
