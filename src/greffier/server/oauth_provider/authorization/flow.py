"""From an authorization request to a code: the user signs in, consents, and goes back to the application."""

from __future__ import annotations

from urllib.parse import urlencode

from greffier.server import errors
from greffier.server.oauth_provider.authorization.authorization_requests import (
    AuthorizationError,
    AuthorizationRequest,
    Given,
    Target,
    find_target,
    read_request,
)
from greffier.server.oauth_provider.authorization.consents import consent_needed, remember_consent
from greffier.server.oauth_provider.authorization.grants import create_grant
from greffier.server.oauth_provider.authorization.responses import deliver, go_to
from greffier.server.sessions.queries import GET_OF_CLIENT, LAST_SELECTED
from greffier.server.sessions.tables import SessionRow
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import with_query
from greffier.server.web.operations.declaration import Raw

_DEV_BROWSER = "__clerk_db_jwt"
REAUTHENTICATION_SECONDS = 300
"""Seconds: the maximal age of a requested authentication, when its user comes back with it."""


async def authorize(ctx: Context, given: Given) -> Raw:
    """Answer `GET /oauth/authorize`.

    Raises:
        ApiError: 403 on a satellite domain; 400 and 401 for what must not be redirected.
    """
    _refuse_satellites(ctx)
    target = await find_target(ctx, given)
    try:
        request = read_request(target, given)
        session = await _session(ctx)
        if session is None or _login_due(ctx, request, session):
            return _to_reauthentication(ctx, request, session)
        _refuse_impersonation(session)
        if await consent_needed(ctx, request, session.user_id):
            return _to_consent(ctx, request)
        return await _hand_out_code(ctx, request, session)
    except AuthorizationError as error:
        return _refuse(ctx, target, error)


async def decide(ctx: Context, given: Given, *, consented: bool) -> Raw:
    """The user's decision on the consent screen; the request comes with it once more and is checked as
    before.

    Raises:
        ApiError: as `authorize`; 400 when the application does not ask for consent, 401 without a session.
    """
    _refuse_satellites(ctx)
    caller = await ctx.require_session()
    target = await find_target(ctx, given)
    if not target.application.consent_screen_enabled:
        raise errors.oauth_consent_screen_disabled()
    try:
        request = read_request(target, given)
        session = await _session(ctx, caller.id)
        if session is None or _login_due(ctx, request, session):
            return _to_reauthentication(ctx, request, session)
        _refuse_impersonation(session)
        if not consented:
            raise AuthorizationError("access_denied", "The user does not consent.")
        await remember_consent(ctx, request, session.user_id)
        return await _hand_out_code(ctx, request, session)
    except AuthorizationError as error:
        return _refuse(ctx, target, error)


def _refuse_satellites(ctx: Context) -> None:
    if ctx.satellite is not None:
        raise errors.not_on_satellite()


def _refuse_impersonation(session: SessionRow) -> None:
    if session.actor is not None:
        raise AuthorizationError(
            "access_denied", "Another user acts as this user, and the grant would outlast that."
        )


async def _session(ctx: Context, session_id: str | None = None) -> SessionRow | None:
    """This session of the browser, or its last one; a pending one must be completed on the sign-in page."""
    if ctx.client is None:
        return None
    keys = {"instance_id": ctx.instance.id, "client_id": ctx.client.id}
    session = (
        await ctx.db.one(LAST_SELECTED, now=ctx.now, **keys)
        if session_id is None
        else await ctx.db.one(GET_OF_CLIENT, id=session_id, **keys)
    )
    return session if session is not None and session.status == "active" else None


def authenticated_at(session: SessionRow) -> int:
    return session.first_factor_at or session.created_at


def _login_due(ctx: Context, request: AuthorizationRequest, session: SessionRow) -> bool:
    too_old = request.max_age is not None and authenticated_at(session) + request.max_age * 1000 < ctx.now
    return too_old or "login" in request.prompts


def _to_reauthentication(ctx: Context, request: AuthorizationRequest, session: SessionRow | None) -> Raw:
    """Redirect the user to sign in or reauthenticate, and back. No session ends for it: any page can send a
    browser here.
    """
    if "none" in request.prompts:
        raise AuthorizationError("login_required", "The user must sign in.")
    back = f"{ctx.public_url}/oauth/authorize?{urlencode(_after_reauthentication(request))}"
    if session is not None:
        page = f"{ctx.public_url}/oauth-verification"
    else:
        page = ctx.instance.settings.sign_in_url or f"{ctx.public_url}/sign-in"
    return go_to(with_query(page, drop=(), redirect_url=back, **_dev_browser(ctx)))


def _after_reauthentication(request: AuthorizationRequest) -> dict[str, str]:
    """The request as it is repeated after the authentication, which must not be older than some minutes then:
    the parameters that required it are dropped, or it would loop.
    """
    again = {name: value for name, value in request.parameters.items() if name not in ("prompt", "max_age")}
    if left := " ".join(sorted(request.prompts - {"login"})):
        again["prompt"] = left
    if "login" in request.prompts:
        again["max_age"] = str(REAUTHENTICATION_SECONDS)
    elif request.max_age is not None:
        again["max_age"] = str(max(request.max_age, REAUTHENTICATION_SECONDS))
    return again


def _to_consent(ctx: Context, request: AuthorizationRequest) -> Raw:
    if "none" in request.prompts:
        raise AuthorizationError("consent_required", "The user must consent.")
    parameters = request.parameters | _dev_browser(ctx)
    return go_to(f"{ctx.public_url}/oauth-consent?{urlencode(parameters)}")


def _dev_browser(ctx: Context) -> dict[str, str]:
    """The parameters that identify the browser to the pages where cookies do not reach this server."""
    token = ctx.request.query_value(_DEV_BROWSER) if ctx.instance.is_development else None
    return {_DEV_BROWSER: token} if token else {}


async def _hand_out_code(ctx: Context, request: AuthorizationRequest, session: SessionRow) -> Raw:
    code = await create_grant(ctx, request, session.user_id, authenticated_at(session))
    return _answer(ctx, request.target, {"code": code})


def _refuse(ctx: Context, target: Target, error: AuthorizationError) -> Raw:
    return _answer(ctx, target, {"error": error.code, "error_description": error.description})


def _answer(ctx: Context, target: Target, parameters: dict[str, str]) -> Raw:
    state = {"state": target.state} if target.state is not None else {}
    return deliver(ctx, target.redirect_uri, target.mode, parameters | state)
