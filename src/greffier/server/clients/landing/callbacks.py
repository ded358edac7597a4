"""The landing of links from mails and of answers of other sites: verifies, resumes the flow, redirects the
browser."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients.dev_browser import (
    bind_to_client,
    cookie_of,
    create_dev_browser,
    find_dev_browser,
)
from greffier.server.clients.landing.native_apps import is_for_app, land_for_app
from greffier.server.clients.landing.popups import at_our_address, is_popup_page
from greffier.server.clients.landing.refusals import require_consent
from greffier.server.clients.landing.resuming import Resumed, resume
from greffier.server.clients.queries import LOCK, UPDATE
from greffier.server.errors import ApiError
from greffier.server.sessions.lifecycle import has_tasks
from greffier.server.strategies import strategy_named
from greffier.server.verifications.callbacks import (
    Outcome,
    claim_callback,
    explain,
    fail,
    find_callback,
    get_verification,
    lock_verification,
    save_verification,
)
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.redirects import with_query
from greffier.server.web.http.request import origin_of


async def land_link(ctx: Context, token: str, answer: Parameters) -> str:
    """Handle a link from a message, in whatever browser; returns the URL to redirect to, which carries the
    outcome.

    Args:
        answer: the parameters of the request.

    Raises:
        ApiError: 400 when nothing waits for this token.
    """
    callback = await find_callback(ctx, token)
    if callback is None:
        raise errors.link_invalid()
    try:
        outcome, resumed = await _complete(ctx, callback, await lock_verification(ctx, callback), answer)
    except ApiError:
        # The flow has ended or must not complete: nothing begun here may stay.
        await _undo(ctx)
        outcome, resumed = "failed", Resumed()
    return _page(ctx, callback.redirect_url, outcome, resumed)


async def land_answer(ctx: Context, answer: Parameters) -> str:
    """Handle the answer of another site (RFC 6749 section 4.1.2); returns the URL to redirect to: where the
    application wanted to be once all is done, else the page that reads from the client what comes next, be it
    a task of the session.

    Only the browser that was sent away may bring it, or an attacker's answer would sign that browser in (RFC
    6749 section 10.12). For a native app any may, and the app shows by a nonce that the browser was its own.
    `state` is good for one answer: it is used up before the other site is asked for more. What goes wrong is
    kept with the verification, where that page finds it.

    Raises:
        ApiError: 400 when `state` is absent or nothing waits for it.
    """
    state = answer.text("state")
    callback = await find_callback(ctx, state) if isinstance(state, str) else None
    if callback is None:
        raise errors.oauth_callback_invalid()
    for_app = await is_for_app(ctx, callback)
    if not for_app and (ctx.client is None or ctx.client.id != callback.client_id):
        return _page(ctx, callback.redirect_url, "client_mismatch", Resumed())
    claimed = await claim_callback(ctx, callback)
    if claimed is None:
        return _page(ctx, callback.redirect_url, "failed", Resumed())
    if for_app:
        return await land_for_app(ctx, claimed, answer)
    ctx.client_changed = True  # this navigation changes what other flows change by POST
    try:
        require_consent(ctx, answer)
        outcome, resumed = await _complete(ctx, claimed, await get_verification(ctx, claimed), answer)
        if outcome == "expired":
            await explain(ctx, claimed, errors.verification_expired())
    except ApiError as error:
        await _undo(ctx)
        await fail(ctx, callback, error)
        outcome, resumed = "failed", Resumed()
    done = callback.completed_url
    if done and resumed.session_id and await _is_done(ctx, done, resumed.session_id):
        return await _with_dev_browser(ctx, done)
    return _page(ctx, callback.redirect_url, outcome, resumed)


async def _is_done(ctx: Context, done: str, session_id: str) -> bool:
    """Returns whether the browser may go to the page where the application wanted to be. The popup's page
    needs the page to return to as well: it tells that page's origin alone. And for the application a session
    with tasks is none."""
    return not is_popup_page(ctx.instance, done) and not await has_tasks(ctx, session_id)


async def _with_dev_browser(ctx: Context, url: str) -> str:
    """The URL of a page of the application, which expects nothing of us in its address. In development its
    server does not see our cookies: by the development browser it asks for its own, rather than take the
    user for signed out."""
    if not ctx.instance.is_development or origin_of(url) == origin_of(ctx.public_url):
        return url
    known = cookie_of(ctx.instance, ctx.request)
    row = await find_dev_browser(ctx, known) if known else None
    if known is not None and row is not None:
        await bind_to_client(ctx, row)
        return with_query(url, __clerk_db_jwt=known)
    try:
        return with_query(url, __clerk_db_jwt=await create_dev_browser(ctx))
    except ApiError:
        return url  # too many of them: the user is signed in all the same


async def _undo(ctx: Context) -> None:
    await ctx.db.rollback()
    ctx.rotate_client = False
    ctx.authentication_strategy = None


def _page(ctx: Context, url: str, outcome: Outcome, resumed: Resumed) -> str:
    session = {"__clerk_created_session": resumed.session_id} if resumed.session_id else {}
    page = at_our_address(ctx, url)
    return with_query(page, drop=("__clerk_created_session",), __clerk_status=outcome, **session)


async def _complete(
    ctx: Context, callback: CallbackRow, row: VerificationRow, answer: Parameters
) -> tuple[Outcome, Resumed]:
    outcome, verification = await strategy_named(ctx, row.strategy).complete(ctx, callback, row, answer)
    if outcome != "verified":
        return outcome, Resumed()
    resumed = await _resume(ctx, callback, verification)
    outcome = "transferable" if resumed.transferable else "verified"
    if callback.client_id is None or (ctx.client is not None and ctx.client.id == callback.client_id):
        ctx.client_changed = True  # this navigation changes what other flows change by POST
        return outcome, resumed
    # Another browser was changed. It gets its new secret with its next request; this one keeps its own.
    ctx.rotate_client = False
    await _note_on_other_client(ctx, callback.client_id, rotate=resumed.session_id is not None)
    return outcome, resumed


_MADE_MEANWHILE = ("oauth_identification_claimed", "form_identifier_exists")


async def _resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> Resumed:
    """Resume the flow; once more where another browser of the same person was faster with the same account,
    because what it has made is there then."""
    try:
        return await resume(ctx, callback, verification)
    except ApiError as error:
        if callback.used_at is None or error.items[0].code not in _MADE_MEANWHILE:
            raise
    await _undo(ctx)
    return await resume(ctx, callback, await save_verification(ctx, verification))


async def _note_on_other_client(ctx: Context, client_id: str, *, rotate: bool) -> None:
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=client_id)
    if row is not None:
        changed = msgspec.structs.replace(
            row,
            rotation_due=row.rotation_due or rotate,
            last_authentication_strategy=ctx.authentication_strategy or row.last_authentication_strategy,
            updated_at=max(ctx.now, row.updated_at),
        )
        await ctx.db.save(UPDATE, changed)
