"""The rules of email addresses: how they are read, claimed, verified and removed."""

from __future__ import annotations

import msgspec
from email_validator import EmailNotValidError, validate_email

from greffier.server import errors
from greffier.server.delivery.addresses import canonical
from greffier.server.identifications.queries import (
    DELETE,
    DELETE_OF_USER,
    FIND_CLAIMED,
    FIND_OF_USER,
    GET_OF_USER,
    INSERT,
    OF_USER,
    PRIMARY_OF_USER,
    UNSET_PRIMARY,
    UPDATE,
    EmailWithVerification,
    of_users,
)
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


def read_email_address(text: str, param: str = "email_address") -> str:
    """The address as people write it (RFC 5321), normalised: trimmed, its domain in lower case.

    Raises:
        ApiError: 422 `form_param_format_invalid` at `param`, `form_param_nil` when empty.
    """
    if not text.strip():
        raise errors.invalid_params(errors.param_nil(param))
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise errors.identifier_invalid(param, "Email address must be a valid email address.") from None


async def find_claimed(ctx: Context, address: str) -> EmailAddressRow | None:
    """The user's address that is verified or reserved, if anybody has it."""
    return await ctx.db.one(FIND_CLAIMED, instance_id=ctx.instance.id, canonical=canonical(address))


async def require_unclaimed(ctx: Context, address: str) -> None:
    """Raises: ApiError: 422 `form_identifier_exists`."""
    if await find_claimed(ctx, address):
        raise errors.identifier_exists("email_address")


async def add_email_address(
    ctx: Context,
    user_id: str,
    address: str,
    *,
    verification: VerificationRow | None = None,
    reserved: bool = False,
) -> EmailWithVerification:
    """Give a user an address. Verified or reserved it is claimed; the first claimed one becomes primary.

    Raises:
        ApiError: 422 `form_identifier_exists` when somebody else has it, or the user already has; 400 when
            the verification is of another address.
    """
    if verification is not None and not verification.proves(canonical(address)):
        raise errors.verification_missing()
    claimed = reserved or (verification is not None and verification.status == "verified")
    row = EmailAddressRow(
        id=new_id("idn", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        email_address=address,
        canonical=canonical(address),
        claimed=claimed,
        reserved=reserved,
        is_primary=claimed and await primary_of(ctx, user_id) is None,
        verification_id=verification.id if verification else None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation:
        raise errors.identifier_exists("email_address") from None
    return EmailWithVerification(row, verification)


async def primary_of(ctx: Context, user_id: str) -> EmailAddressRow | None:
    return await ctx.db.one(PRIMARY_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def require_proof_of(ctx: Context, user_id: str, verification: VerificationRow) -> None:
    """Whether what was proven is the user's. A code, link or ticket proves the address that it was sent to,
    and nothing of whoever is found by it, or has it no more, when it is used.

    Raises:
        ApiError: 400 when it was sent to an address that is not the user's now.
    """
    if verification.sent_to is None:
        return
    keys = {"instance_id": ctx.instance.id, "user_id": user_id, "canonical": verification.sent_to}
    address = await ctx.db.one(FIND_OF_USER, **keys)
    if address is None or not address.claimed:
        raise errors.verification_missing()


async def emails_of_users(ctx: Context, user_ids: list[str]) -> dict[str, list[EmailWithVerification]]:
    """The addresses of many users at once, by user."""
    found: dict[str, list[EmailWithVerification]] = {}
    if user_ids:
        for row in await ctx.db.select(*of_users(ctx.instance.id, user_ids)):
            found.setdefault(row.email.user_id, []).append(row)
    return found


async def claim(ctx: Context, row: EmailAddressRow, verification: VerificationRow) -> EmailAddressRow:
    """The address is verified: it is the user's alone from now on.

    Raises:
        ApiError: 422 `form_identifier_exists` when somebody else verified it first; 400 when the verification
            is of another address.
    """
    if not verification.proves(row.canonical):
        raise errors.verification_missing()
    first = await primary_of(ctx, row.user_id) is None
    return await save_email_address(
        ctx,
        msgspec.structs.replace(
            row,
            claimed=True,
            reserved=False,
            is_primary=row.is_primary or first,
            verification_id=verification.id,
            updated_at=ctx.now,
        ),
    )


async def make_primary(
    ctx: Context, user_id: str, email_address_id: str, *, param: str
) -> EmailAddressRow | None:
    """Let this be the user's primary address; the one that it replaces as such, if it is another.

    Raises:
        ApiError: 422 at `param` when it is not the user's, or not verified.
    """
    found = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, user_id=user_id, id=email_address_id)
    if found is None or not found.email.claimed:
        raise errors.invalid_params(errors.param_value_invalid(param, email_address_id))
    former = await primary_of(ctx, user_id)
    await ctx.db.execute(UNSET_PRIMARY, instance_id=ctx.instance.id, user_id=user_id)
    await save_email_address(ctx, msgspec.structs.replace(found.email, is_primary=True, updated_at=ctx.now))
    return former if former is not None and former.id != email_address_id else None


async def delete_email_address(ctx: Context, row: EmailAddressRow) -> None:
    """Take an address from its user; another claimed one becomes primary.

    Raises:
        ApiError: 400 when it is the last one the user can sign in with.
    """
    others = await _others(ctx, row)
    await ctx.db.execute(DELETE, instance_id=ctx.instance.id, id=row.id)
    if row.is_primary:
        await save_email_address(ctx, msgspec.structs.replace(others[0], is_primary=True))


async def release(ctx: Context, row: EmailAddressRow) -> EmailAddressRow:
    """The address counts as unverified again: anybody may claim it. Another one becomes primary.

    Raises:
        ApiError: 400 when it is the last one the user can sign in with.
    """
    others = await _others(ctx, row)
    released = msgspec.structs.replace(
        row, claimed=False, reserved=False, is_primary=False, verification_id=None, updated_at=ctx.now
    )
    await save_email_address(ctx, released)
    if row.is_primary:
        await save_email_address(ctx, msgspec.structs.replace(others[0], is_primary=True))
    return released


async def _others(ctx: Context, row: EmailAddressRow) -> list[EmailAddressRow]:
    """What else the user can sign in with.

    Raises:
        ApiError: 400 when that is nothing, but this address is something.
    """
    others = [
        other.email
        for other in await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=row.user_id)
        if other.email.claimed and other.email.id != row.id
    ]
    if row.claimed and not others:
        raise errors.last_identification()
    return others


async def delete_all_of(ctx: Context, user_id: str) -> None:
    """Take every address from a user who is given another one in the same transaction."""
    await ctx.db.execute(DELETE_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def save_email_address(ctx: Context, row: EmailAddressRow) -> EmailAddressRow:
    """Write a changed address back.

    Raises:
        ApiError: 422 `form_identifier_exists` when it is claimed now and somebody else was first.
    """
    try:
        await ctx.db.save(UPDATE, row)
    except UniqueViolation:
        raise errors.identifier_exists("email_address") from None
    return row
