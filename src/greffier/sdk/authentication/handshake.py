"""The handshake: a short trip of the browser through the Frontend API that brings its cookies up to date.

Here: whether a request may be sent on that trip, the address, the guard against loops, and what comes back.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace

from greffier.sdk.authentication import handshake_state
from greffier.sdk.authentication.request_state import AuthStatus, Header, RequestState, Trouble
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.backend_api import API_VERSION
from greffier.sdk.errors import BackendApiError, HandshakeError, TokenVerificationError
from greffier.sdk.http.cookies import HANDSHAKE, HANDSHAKE_NONCE, REDIRECT_COUNT, sendable, session_token_in
from greffier.sdk.http.urls import query_without, url_with
from greffier.sdk.reasons import AuthReason, TokenReason
from greffier.sdk.steps import Steps
from greffier.sdk.tokens.jwt import decode_jwt

#: A browser that was sent away this often within two seconds is in a loop.
MAX_REDIRECTS = 3
# : In development, tokens of a handshake are accepted though the clocks differ by this much, in seconds.
DEVELOPMENT_CLOCK_SKEW_SECONDS = 86_400.0

DEV_BROWSER_PARAMETERS = ("__clerk_db_jwt", "__dev_session")
_ANSWER_PARAMETERS = (HANDSHAKE, "__clerk_help", "__clerk_db_jwt", HANDSHAKE_NONCE)
_CLOCK_REASONS = (TokenReason.EXPIRED, TokenReason.NOT_ACTIVE_YET, TokenReason.IAT_IN_THE_FUTURE)

_OF_ANOTHER_BROWSER = (
    "The answer of a handshake is not for this browser: another one began it, or cookies are blocked."
)

_log = logging.getLogger("greffier.sdk.authentication.handshake")


class _UnverifiableAnswer(Exception):
    """The answer of the handshake cannot be verified now; the text says why."""


def is_eligible(visit: Visit) -> bool:
    """Whether the browser can be sent on a trip: it opens a page, and nothing but reading is lost."""
    return visit.request.method == "GET" and visit.request.wants_document


def handshake_or_signed_out(
    visit: Visit, reason: str, message: str = "", *, location: str | None = None
) -> RequestState:
    """Send the browser on the handshake; a request that cannot go, or already went in circles, is signed
    out."""
    if not is_eligible(visit):
        return visit.signed_out(reason, message)
    count = visit.browser.redirect_count
    if count >= MAX_REDIRECTS:
        _log.error(
            "Handshakes go in a circle (%s): the publishable key, secret key and URLs probably do not belong"
            " together, a clock is wrong, or the browser refuses cookies.",
            reason,
        )
        return visit.signed_out(reason, message, trouble=Trouble.REDIRECT_LOOP)
    remembered: list[Header] = []
    if location is None:
        location = handshake_location(visit, reason)
        if visit.binds_handshakes:
            state, *remembered = handshake_state.begin(visit)
            location = url_with(location, [(handshake_state.PARAMETER, state)])
    return RequestState(
        status=AuthStatus.HANDSHAKE,
        reason=reason,
        message=message,
        headers=(
            ("location", location),
            ("cache-control", "no-store"),
            ("set-cookie", f"{REDIRECT_COUNT}={count + 1}; SameSite=Lax; HttpOnly; Max-Age=2"),
            *remembered,
        ),
    )


def handshake_location(visit: Visit, reason: str) -> str:
    """The URL of the handshake: `GET /v1/client/handshake` of the Frontend API."""
    request, options = visit.request, visit.options
    parameters = [
        ("redirect_url", _url_without(visit, DEV_BROWSER_PARAMETERS)),
        ("__clerk_api_version", API_VERSION),
        ("suffixed_cookies", "true" if visit.browser.suffixed else "false"),
        ("__clerk_hs_reason", reason),
        # Only the Backend API can resolve a nonce.
        ("format", "nonce" if visit.backend else "token"),
    ]
    if visit.session_token:
        parameters.append(("__session", visit.session_token))
    if options.is_development and visit.dev_browser:
        parameters.append(("__clerk_db_jwt", visit.dev_browser))
    target = options.organization_sync.target(request.path) if options.organization_sync else None
    if target is not None:
        parameters.append(("organization_id", target.parameter))
    return url_with(f"{options.frontend_api_url(request.origin)}/v1/client/handshake", parameters)


def comes_from_handshake(visit: Visit) -> bool:
    """Whether the browser brings an answer of the trip."""
    cookies, query = visit.request.cookies, visit.request.query
    if HANDSHAKE in cookies or HANDSHAKE_NONCE in cookies or HANDSHAKE in query or "%" in query:
        return any(_answer_of(visit))
    return False


def resolve_handshake(visit: Visit) -> Steps[RequestState | None]:
    """The state of a browser that comes back from the handshake; None when it brought nothing valid.

    In development a handshake token that cannot be verified raises `HandshakeError`, which informs the
    developer.
    """
    nonce, token = _answer_of(visit)
    try:
        if nonce:
            directives = yield from _directives_of_nonce(visit, nonce)
        else:
            directives = yield from _directives_of_token(visit, token or "")
    except _UnverifiableAnswer as why:
        headers = _answer_headers(visit, [])
        return visit.signed_out(AuthReason.SESSION_MISSING, str(why), headers=headers, trouble=Trouble.OUTAGE)
    if directives is None:
        return None
    if handshake_state.brings_other_dev_browser(visit, directives):
        return _refused(visit, "The answer of a handshake is for another development browser.")
    headers = _answer_headers(visit, directives)
    session_token = session_token_in(directives)
    if not session_token:
        return visit.signed_out(AuthReason.SESSION_MISSING, headers=headers)
    return (yield from _session_of_handshake(visit, session_token, headers))


def _answer_of(visit: Visit) -> tuple[str | None, str | None]:
    """The nonce or the token that the handshake returned, in cookies, and in development in the URL.

    In production the URL is not accepted: an attacker's link could sign its visitors in or out.
    """
    request, browser = visit.request, visit.browser
    if not visit.options.is_development:
        return browser.handshake_nonce, browser.handshake_token
    return (
        request.parameter(HANDSHAKE_NONCE) or browser.handshake_nonce,
        request.parameter(HANDSHAKE) or browser.handshake_token,
    )


def _directives_of_nonce(visit: Visit, nonce: str) -> Steps[list[str] | None]:
    if not handshake_state.is_of_this_browser(visit, handshake_state.echo_of_nonce(nonce)):
        return _refused(visit, _OF_ANOTHER_BROWSER)
    if visit.backend is None:
        _log.error("A handshake by nonce needs secret_key and api_url.")
        return []
    try:
        return sendable((yield from visit.backend.handshake_payload(nonce)))
    except BackendApiError as error:
        _log.warning("The handshake could not be fetched. %s", error)
        if error.is_outage:
            raise _UnverifiableAnswer(str(error)) from None
        return []


def _directives_of_token(visit: Visit, token: str) -> Steps[list[str] | None]:
    try:
        claims = yield from visit.verifier.verify_signature(decode_jwt(token))
    except TokenVerificationError as error:
        if error.is_outage:
            raise _UnverifiableAnswer(error.message) from None
        return _refused(visit, f"The handshake token cannot be verified: {error.message} ({error.reason})")
    echo = claims.get(handshake_state.CLAIM)
    if not handshake_state.is_of_this_browser(visit, echo):
        return _refused(visit, _OF_ANOTHER_BROWSER)
    if _has_expired(visit, claims.get("exp"), is_bound=bool(echo)):
        return _refused(visit, "The handshake token has expired, or the clocks of the machines differ.")
    directives = claims.get("handshake")
    return sendable(directives) if isinstance(directives, list) else []  # pyright: ignore[reportUnknownArgumentType]


def _has_expired(visit: Visit, exp: object, *, is_bound: bool) -> bool:
    """Whether the answer is too old, where it has an expiry."""
    if exp is None:
        return False
    tolerant = visit.options.is_development and is_bound
    skew = DEVELOPMENT_CLOCK_SKEW_SECONDS if tolerant else visit.options.clock_skew
    # No instance check: a boolean is an integer too.
    return type(exp) not in (int, float) or visit.now >= float(exp) + skew  # type: ignore[arg-type]


def _refused(visit: Visit, why: str) -> None:
    """Reject the answer. In development by `HandshakeError`, for the developer."""
    if visit.options.is_development:
        raise HandshakeError(f"{why} If you switched keys, delete this site's cookies and try again.")
    _log.warning("%s", why)


def _answer_headers(visit: Visit, directives: Iterable[str]) -> list[Header]:
    headers = [("set-cookie", directive) for directive in directives]
    if visit.options.is_development:
        # In development the answer came in the URL: the browser reloads without it.
        headers.append(("location", _url_without(visit, _ANSWER_PARAMETERS)))
        headers.append(("cache-control", "no-store"))
    return headers


def _session_of_handshake(visit: Visit, token: str, headers: list[Header]) -> Steps[RequestState | None]:
    try:
        session = decode_jwt(token)
        try:
            claims = yield from visit.verifier.verify(session)
        except TokenVerificationError as error:
            if not visit.options.is_development or error.reason not in _CLOCK_REASONS:
                raise
            _log.warning("The clocks of this machine and of the server differ: %s", error.message)
            tolerant = replace(visit.verifier.rules, clock_skew=DEVELOPMENT_CLOCK_SKEW_SECONDS)
            claims = yield from visit.verifier.verify(session, tolerant)
    except TokenVerificationError as error:
        _log.warning("The session token of a handshake is refused: %s (%s)", error.message, error.reason)
        return None
    return visit.signed_in(token, claims, tuple(headers))


def _url_without(visit: Visit, parameters: Iterable[str]) -> str:
    return visit.request.url_with_query(query_without(visit.request.query, tuple(parameters)))
