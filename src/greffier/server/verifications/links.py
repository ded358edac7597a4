"""Links by mail: made, sent once, opened once (ASVS 6.5.1, 6.5.5). Only a hash of their token is stored."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.crypto.symmetric_jwts import write_symmetric_jwt
from greffier.server.delivery.addresses import canonical
from greffier.server.delivery.messages import LinkMessage, Message, Notice, verification_link_message
from greffier.server.store.ids import new_id
from greffier.server.verifications.queries import FIND_LINK, INSERT, INSERT_LINK, LOCK, UPDATE
from greffier.server.verifications.tables import EmailLinkRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import require_redirect
from greffier.server.web.mailing import send_mail

LINK_LIFETIME = 10 * 60 * 1000
"""Milliseconds; ASVS 6.5.5 allows ten minutes."""
STRATEGY = "email_link"

Outcome = Literal["verified", "transferable", "expired", "failed", "client_mismatch"]
"""What the page that a link leads to is told, as `__clerk_status`."""


async def send_link(
    ctx: Context,
    owner_id: str,
    address: str,
    redirect_url: str | None,
    *,
    message: LinkMessage = verification_link_message,
    notice: Notice | None = None,
) -> VerificationRow:
    """Start a verification and mail its link, in the same transaction.

    Args:
        owner_id: the sign-in, sign-up or email address that the link verifies.
        redirect_url: where the link leads in the end.
        message: what the mail says.
        notice: mail this, which has no link in it. The verification looks like any other, and stays as it is.

    Raises:
        ApiError: 422 without a redirect URL, 403 when it is not of an allowed origin; 429 when the address
            has been sent too many.
    """
    if not redirect_url:
        raise errors.invalid_params(errors.param_missing("redirect_url"))
    redirect_url = require_redirect(ctx.instance, redirect_url)
    row = _new_verification(ctx, canonical(address))
    await ctx.db.insert(INSERT, row)
    # A JWT by form, as the contract says; nobody but this server reads it, and it finds it by its hash.
    claims = {"jti": new_secret(), "exp": (ctx.now + LINK_LIFETIME) // 1000, "st": STRATEGY}
    token = write_symmetric_jwt(claims, ctx.instance.code_key)
    link = EmailLinkRow(
        id=new_id("lnk", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        verification_id=row.id,
        token_hash=hash_secret(token),
        owner_id=owner_id,
        client_id=ctx.client.id if ctx.client else None,
        redirect_url=redirect_url,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_LINK, link)
    mail = _mail(ctx, address, token, message, notice)
    await send_mail(ctx, mail, "proof")
    return row


def _mail(ctx: Context, address: str, token: str, message: LinkMessage, notice: Notice | None) -> Message:
    name = ctx.instance.settings.application_name
    if notice is not None:
        return notice(to_address=address, application_name=name)
    link = f"{ctx.public_url}/v1/verify?{urlencode({'token': token})}"
    return message(to_address=address, application_name=name, link=link, lifetime_ms=LINK_LIFETIME)


def _new_verification(ctx: Context, sent_to: str) -> VerificationRow:
    return VerificationRow(
        id=new_id("ver", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        strategy=STRATEGY,
        status="unverified",
        attempts=None,
        code_hash=None,
        expire_at=ctx.now + LINK_LIFETIME,
        verified_at_client=None,
        subject_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
        sent_to=sent_to,
    )


async def find_link(ctx: Context, token: str) -> EmailLinkRow:
    """Raises: ApiError: 400 when no link has this token."""
    link = await ctx.db.one(FIND_LINK, instance_id=ctx.instance.id, token_hash=hash_secret(token))
    if link is None:
        raise errors.link_invalid()
    return link


async def open_link(ctx: Context, link: EmailLinkRow) -> tuple[Outcome, VerificationRow]:
    """Use a link up, unless it is too old, was used already, or is opened in another browser than asked for
    it where that is not allowed (then it stays as it is)."""
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=link.verification_id)
    if row is None:
        raise errors.link_invalid()
    if row.status != "unverified":
        return ("expired" if row.status == "expired" else "failed"), row
    if row.expire_at is not None and row.expire_at <= ctx.now:
        return "expired", await _save(ctx, msgspec.structs.replace(row, status="expired"))
    client_id = ctx.client.id if ctx.client else None
    same_client = client_id is not None and client_id == link.client_id
    if ctx.instance.settings.attack_protection.email_link.require_same_client and not same_client:
        return "client_mismatch", row
    return "verified", await _save(
        ctx, msgspec.structs.replace(row, status="verified", verified_at_client=client_id)
    )


async def _save(ctx: Context, row: VerificationRow) -> VerificationRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed)
    return changed
