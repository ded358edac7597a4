"""Browsers that come back: by a link in a message, or from another site. Each comes once (ASVS 6.5.1, 6.5.5),
with a token of which only a hash is stored, and resumes the flow that it was redirected from.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret
from greffier.server.store.ids import new_id
from greffier.server.verifications.queries import FIND_CALLBACK, INSERT_CALLBACK, LOCK, UPDATE
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import require_redirect

Outcome = Literal["verified", "transferable", "expired", "failed", "client_mismatch"]
"""Value of `__clerk_status` for the page to which the browser returns."""


def require_page(ctx: Context, redirect_url: str | None) -> str:
    """Returns the URL of the page to which the browser returns.

    Raises:
        ApiError: 422 without a URL, 403 when it is not of an allowed origin.
    """
    if not redirect_url:
        raise errors.invalid_params(errors.param_missing("redirect_url"))
    return require_redirect(ctx.instance, redirect_url)


async def expect_callback(
    ctx: Context, verification: VerificationRow, token: str, *, owner_id: str, redirect_url: str
) -> None:
    """Wait for the browser that brings this token.

    Args:
        owner_id: the sign-in, sign-up or identification that goes on then.
        redirect_url: as `require_page` returns it.
    """
    row = CallbackRow(
        id=new_id("lnk", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        verification_id=verification.id,
        token_hash=hash_secret(token),
        owner_id=owner_id,
        client_id=ctx.client.id if ctx.client else None,
        redirect_url=redirect_url,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_CALLBACK, row)


async def find_callback(ctx: Context, token: str) -> CallbackRow:
    """Raises: ApiError: 400 when nothing waits for this token."""
    found = await ctx.db.one(FIND_CALLBACK, instance_id=ctx.instance.id, token_hash=hash_secret(token))
    if found is None:
        raise errors.link_invalid()
    return found


async def lock_verification(ctx: Context, callback: CallbackRow) -> VerificationRow:
    """Locks the verification of a callback, so that it completes once.

    Raises:
        ApiError: 400 when it is there no more.
    """
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=callback.verification_id)
    if row is None:
        raise errors.link_invalid()
    return row


async def verify_once(
    ctx: Context, callback: CallbackRow, row: VerificationRow, *, require_same_client: bool
) -> tuple[Outcome, VerificationRow]:
    """Use the callback up, unless it is too old, was used already, or comes in another browser than was sent
    away where that is not allowed (then it stays as it is). `row` must be locked."""
    if row.status != "unverified":
        return ("expired" if row.status == "expired" else "failed"), row
    if row.expire_at is not None and row.expire_at <= ctx.now:
        return "expired", await _save(ctx, msgspec.structs.replace(row, status="expired"))
    client_id = ctx.client.id if ctx.client else None
    same_client = client_id is not None and client_id == callback.client_id
    if require_same_client and not same_client:
        return "client_mismatch", row
    return "verified", await _save(
        ctx, msgspec.structs.replace(row, status="verified", verified_at_client=client_id)
    )


async def _save(ctx: Context, row: VerificationRow) -> VerificationRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed)
    return changed
