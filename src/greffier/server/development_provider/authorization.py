"""The authorization request, as the browser brings it to the page, and its answer (RFC 6749 section 4.1)."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.development_provider.people import Person
from greffier.server.development_provider.registration import (
    CLIENT_ID,
    Registration,
    is_offered,
    registration_of,
)
from greffier.server.development_provider.tokens import CODE_LIFETIME, Grant, issue
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import redirect_allowed, with_query

CALLBACK = "/v1/oauth_callback"
"""Path of the redirect URI of every instance."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Outcome = Literal["consent", "refused_code", "access_denied", "server_error", "temporarily_unavailable"]
"""The developer's choice: a code, one that the token endpoint refuses, or an error."""


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was checked."""

    registration: Registration
    redirect_uri: str
    state: str
    scope: str
    code_challenge: str
    nonce: str | None
    login_hint: str | None


def authorization_request(ctx: Context, provider: str) -> AuthorizationRequest:
    """The request that the address of the page is.

    Raises:
        ApiError: 404 where there is no development provider, 400 for a request that is not of this instance.
    """
    if not is_offered(ctx):
        raise errors.route_not_found()
    asked = ctx.request.query_value
    redirect_uri, state = asked("redirect_uri") or "", asked("state") or ""
    # A callback of this instance, by whatever name or proxy the browser reaches it.
    own = redirect_uri.endswith(CALLBACK) and redirect_allowed(ctx.instance, redirect_uri)
    challenge = asked("code_challenge") or ""
    by_s256 = asked("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(challenge)
    by_code = asked("client_id") == CLIENT_ID and asked("response_type") == "code"
    if not (own and state and by_s256 and by_code):
        raise errors.bad_request("This page answers requests of the server that it belongs to alone.")
    return AuthorizationRequest(
        registration=registration_of(ctx, provider, redirect_uri.removesuffix(CALLBACK)),
        redirect_uri=redirect_uri,
        state=state,
        scope=asked("scope") or "",
        code_challenge=challenge,
        nonce=asked("nonce"),
        login_hint=asked("login_hint"),
    )


def answer(ctx: Context, asked: AuthorizationRequest, outcome: Outcome, person: Person) -> str:
    """The URL to which the browser is sent back."""
    back, issuer = asked.redirect_uri, asked.registration.issuer
    if outcome not in ("consent", "refused_code"):
        return with_query(back, error=outcome, state=asked.state, iss=issuer)
    grant = Grant(
        person=person.with_id(),
        scope=asked.scope,
        redirect_uri=back,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        refused=outcome == "refused_code",
    )
    code = issue(ctx, asked.registration, "code", CODE_LIFETIME, grant)
    return with_query(back, code=code, state=asked.state, iss=issuer)
