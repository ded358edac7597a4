"""Answers to requests that may not pass: sign-in, 401, or a page that says why signing in does not help."""

import json
import logging
import secrets
from html import escape

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject
from greffier.sdk.authentication.request_state import AuthStatus, Header, RequestState, Trouble
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.errors import HandshakeError
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.protected_resource import challenge
from greffier.sdk.protection.redirects import sign_in_location

#: Seconds until it is worth asking again.
RETRY_AFTER = 5
#: How often a browser was sent to sign in though it brought a session token, each time within half a minute.
TRIPS = "greffier_sign_in_trips"
MAX_TRIPS = 2

_log = logging.getLogger("greffier.sdk")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem}}</style>
</head>
<body><h1>{title}</h1><p>{text}</p>{more}</body></html>
"""


def refuse(visit: Visit, state: RequestState, auth: AuthObject) -> Answer:
    """The answer to a request that may not pass.

    Pages go to sign in, everything else gets 401. Where the caller cannot be identified at the moment, it is
    503; where the browser has been to sign in and would go round in circles, a page says so.
    """
    pending = auth.session_status == "pending"
    headers = (*state.answer_headers, ("cache-control", "no-store"))
    if state.trouble is Trouble.OUTAGE:
        return _unavailable(visit, headers)
    if not visit.request.wants_document or state.token_type != SESSION_TOKEN:
        return _unauthorized(visit, state, headers, pending=pending)
    count = _trips(visit, state)
    if state.trouble is Trouble.REDIRECT_LOOP or count > MAX_TRIPS:
        return _in_redirect_loop(state, headers)
    if count:
        cookie = f"{TRIPS}={count}; Path=/; SameSite=Lax; HttpOnly; Max-Age=30"
        headers = (*headers, ("set-cookie", cookie))
    location = sign_in_location(visit, pending=pending)
    # 307 would carry a form's content along to the sign-in page.
    status = 307 if visit.request.method in ("GET", "HEAD") else 303
    return Answer(status, (("location", location), *headers))


def explain(error: HandshakeError) -> Answer:
    """The page for a handshake in development that cannot be verified."""
    reference = secrets.token_hex(4)
    _log.error("A handshake is refused (reference %s): %s", reference, error)
    headers = (("cache-control", "no-store"),)
    return page(400, "Signing in did not work", str(error), headers, reference=reference)


def _trips(visit: Visit, state: RequestState) -> int:
    """The number of trips to sign in of a browser whose session token is refused; 0 for others."""
    if state.status is not AuthStatus.SIGNED_OUT or visit.browser.session_token is None:
        return 0
    before = visit.request.cookies.get(TRIPS, "")
    return int(before) + 1 if before in ("1", "2", "3") else 1


def _in_redirect_loop(state: RequestState, headers: tuple[Header, ...]) -> Answer:
    reference = secrets.token_hex(4)
    _log.error(
        "A browser comes back from sign-in again and again and is signed out (reference %s): %s. %s"
        " The publishable key, secret key and URLs may not belong together, a clock may be wrong, or the"
        " browser refuses cookies.",
        reference,
        state.reason,
        state.message,
    )
    text = (
        "You have signed in, but this site cannot see it. Allow cookies for it and try again."
        " If that does not help, tell the people who run the site this reference."
    )
    return page(400, "Signing in did not work", text, headers, reference=reference)


def _unavailable(visit: Visit, headers: tuple[Header, ...]) -> Answer:
    headers = (("retry-after", str(RETRY_AFTER)), *headers)
    if visit.request.wants_document:
        text = "This site cannot check at the moment who you are. You are still signed in: try again shortly."
        return page(503, "Please try again", text, headers, reference=secrets.token_hex(4))
    return unavailable(headers)


def unavailable(headers: tuple[Header, ...] = (("retry-after", str(RETRY_AFTER)),)) -> Answer:
    """503 as JSON: the caller cannot be identified at the moment."""
    return _error(503, "service_unavailable", "Who is asking cannot be checked now: try again.", headers)


def page(
    status: int, title: str, text: str, headers: tuple[Header, ...], *, reference: str = "", form: str = ""
) -> Answer:
    """A small page for a person; `form` is HTML, everything else text."""
    more = f"<p>Reference: <code>{reference}</code></p>" if reference else form
    body = _PAGE.format(title=escape(title), text=escape(text), more=more)
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    own = (("content-type", "text/html; charset=utf-8"), ("content-security-policy", policy))
    return Answer(status, (*own, *headers), body.encode())


def _unauthorized(visit: Visit, state: RequestState, headers: tuple[Header, ...], *, pending: bool) -> Answer:
    """401 as JSON in the published error envelope, with the challenge of RFC 6750 section 3."""
    error = None if visit.header_token is None else "invalid_token"
    code = "session_pending" if pending else "authentication_required"
    message = "A task of the session must be finished first" if pending else "Sign in first"
    reason = state.reason or "session-pending"
    return _error(
        401, code, message, (challenge(visit.options, error=error), *headers), f"{message} ({reason})."
    )


def _error(
    status: int, code: str, message: str, headers: tuple[Header, ...], long_message: str | None = None
) -> Answer:
    error = {"code": code, "message": message, "long_message": long_message or message}
    body = json.dumps({"errors": [error]}).encode()
    return Answer(status, (("content-type", "application/json"), *headers), body)
