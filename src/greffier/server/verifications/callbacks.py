"""Browsers that come back: by a link in a message, or from another site. Each comes once (ASVS 6.5.1, 6.5.5),
with a token of which only a hash is stored, and resumes the flow that it was redirected from.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret
from greffier.server.errors import ApiError
from greffier.server.store.ids import new_id
from greffier.server.verifications.queries import (
    CLAIM_CALLBACK,
    FIND_CALLBACK,
    GET,
    INSERT_CALLBACK,
    LOCK,
    UPDATE,
)
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import app_redirect_allowed, require_redirect

Outcome = Literal["verified", "transferable", "expired", "failed", "client_mismatch"]
"""Value of `__clerk_status` for the page to which the browser returns."""


def require_page(ctx: Context, redirect_url: str | None) -> str:
    """Returns the URL of the page, or of the native app that asks, to which the browser returns.

    Raises:
        ApiError: 422 without a URL, or when it is not of an allowed origin or app.
    """
    if not redirect_url:
        raise errors.invalid_params(errors.param_missing("redirect_url"))
    if ctx.request.is_native and app_redirect_allowed(ctx.instance, redirect_url):
        return redirect_url
    return require_redirect(ctx.instance, redirect_url)


async def expect_callback(
    ctx: Context,
    verification: VerificationRow,
    token: str,
    *,
    owner_id: str,
    redirect_url: str,
    completed_url: str | None = None,
) -> None:
    """Wait for the browser that brings this token.

    Args:
        owner_id: the sign-in, sign-up, session or identification that goes on then.
        redirect_url: as `require_page` returns it.
        completed_url: likewise, for a browser that comes back from another site and has a session then.
    """
    row = CallbackRow(
        id=new_id("lnk", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        verification_id=verification.id,
        token_hash=hash_secret(token),
        owner_id=owner_id,
        client_id=ctx.client.id if ctx.client else None,
        redirect_url=redirect_url,
        completed_url=completed_url,
        used_at=None,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_CALLBACK, row)


async def find_callback(ctx: Context, token: str) -> CallbackRow | None:
    """Returns what waits for this token."""
    return await ctx.db.one(FIND_CALLBACK, instance_id=ctx.instance.id, token_hash=hash_secret(token))


async def claim_callback(ctx: Context, callback: CallbackRow) -> CallbackRow | None:
    """Use a callback up, for good, whatever comes of it; returns it, or `None` if it was used before. In a
    transaction of its own, so that nothing is held while the other site is asked for more.
    """
    async with ctx.services.database.transaction() as db:
        keys = {"instance_id": ctx.instance.id, "id": callback.id}
        claimed = await db.execute(CLAIM_CALLBACK, used_at=ctx.now, **keys)
    return msgspec.structs.replace(callback, used_at=ctx.now) if claimed else None


async def get_verification(ctx: Context, callback: CallbackRow) -> VerificationRow:
    """Returns the verification of a callback, which is not locked.

    Raises:
        ApiError: 400 when it is there no more.
    """
    row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=callback.verification_id)
    if row is None:
        raise errors.oauth_callback_invalid()
    return row


async def fail(ctx: Context, callback: CallbackRow, error: ApiError) -> None:
    """Record with a pending verification why it failed: the page to which the browser returns reads it."""
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=callback.verification_id)
    if row is not None and row.status == "unverified":
        await save_verification(ctx, with_error(row, "failed", error))


async def explain(ctx: Context, callback: CallbackRow, error: ApiError) -> None:
    """Record with a verification that has ended why: as `fail`."""
    row = await lock_verification(ctx, callback)
    await save_verification(ctx, with_error(row, row.status, error))


def with_error(row: VerificationRow, status: str, error: ApiError) -> VerificationRow:
    """Returns the verification with a status, and the error that explains it to the page."""
    details = (row.details or {}) | {"error": msgspec.to_builtins(error.items[0])}
    return msgspec.structs.replace(row, status=status, details=details)


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
        return "expired", await save_verification(ctx, msgspec.structs.replace(row, status="expired"))
    client_id = ctx.client.id if ctx.client else None
    same_client = client_id is not None and client_id == callback.client_id
    if require_same_client and not same_client:
        return "client_mismatch", row
    return "verified", await save_verification(
        ctx, msgspec.structs.replace(row, status="verified", verified_at_client=client_id)
    )


async def save_verification(ctx: Context, row: VerificationRow) -> VerificationRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed)
    return changed
