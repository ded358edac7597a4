"""Native apps that were sent to another site. A browser of the device comes back in their place, which shares
no cookie with them: it leads to the app's own URL with a nonce, and the app that brings the nonce goes on.

Nothing of the app's client changes before that: an attacker's app may have begun a request to which a user
has consented (RFC 8252 section 8.10), and then the nonce is at that user's device alone.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients.landing.refusals import require_consent
from greffier.server.clients.landing.resuming import resume
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.errors import ApiError
from greffier.server.store.ids import new_id
from greffier.server.strategies import strategy_named
from greffier.server.verifications.callbacks import (
    claim_callback,
    fail,
    find_callback,
    get_verification,
    lock_verification,
    save_verification,
    verify_once,
)
from greffier.server.verifications.queries import INSERT_CALLBACK
from greffier.server.verifications.tables import CallbackRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.redirects import with_query
from greffier.server.web.ports import CurrentClient

_NONCE = "nonce:"
"""Before the value of a nonce, so that it is no `state`."""


async def is_for_app(ctx: Context, callback: CallbackRow) -> bool:
    """Returns whether a native app has asked for what waits."""
    return ((await get_verification(ctx, callback)).details or {}).get("by_native_app") is True


async def land_for_app(ctx: Context, callback: CallbackRow, answer: Parameters) -> str:
    """Handle the answer of another site to an app; returns the app's URL with the nonce, or with the code of
    the error."""
    ctx.client = None  # the browser's own client has no part in this
    try:
        require_consent(ctx, answer)
        await _keep_answer(ctx, callback, answer)
    except ApiError as error:
        await ctx.db.rollback()
        await fail(ctx, callback, error)
        code = error.items[0].code
        return with_query(callback.redirect_url, __clerk_status="failed", __clerk_error_code=code)
    nonce = new_secret()
    waiting = msgspec.structs.replace(
        callback,
        id=new_id("lnk", now_ms=ctx.now),
        token_hash=hash_secret(_NONCE + nonce),
        used_at=None,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_CALLBACK, waiting)
    return with_query(callback.redirect_url, rotating_token_nonce=nonce)


async def _keep_answer(ctx: Context, callback: CallbackRow, answer: Parameters) -> None:
    """Keep with the verification what the site says. It stays unverified until the app brings the nonce.

    Raises:
        ApiError: as the strategy does; 400 when it is too late.
    """
    verification = await get_verification(ctx, callback)
    strategy = strategy_named(ctx, verification.strategy)
    ctx.client = CurrentClient(callback.client_id or "")
    try:
        outcome, row = await strategy.complete(ctx, callback, verification, answer)
    finally:
        ctx.client = None
    if outcome != "verified":
        raise errors.oauth_callback_invalid()
    await save_verification(ctx, msgspec.structs.replace(row, status="unverified", verified_at_client=None))


async def redeem(ctx: Context, nonce: str) -> None:
    """Go on with what the caller's app was sent away for. Another client's nonce, or one that was used, does
    nothing: apps repeat requests whose answer they have lost. What goes wrong is kept with the verification.
    """
    callback = await find_callback(ctx, _NONCE + nonce)
    if callback is None or ctx.client is None or callback.client_id != ctx.client.id:
        return
    claimed = await claim_callback(ctx, callback)
    if claimed is None:
        return
    ctx.client_changed = True
    try:
        row = await lock_verification(ctx, claimed)
        outcome, verification = await verify_once(ctx, claimed, row, require_same_client=True)
        if outcome == "verified":
            await resume(ctx, claimed, verification)
    except ApiError as error:
        await ctx.db.rollback()
        ctx.rotate_client = False
        ctx.authentication_strategy = None
        await fail(ctx, callback, error)
