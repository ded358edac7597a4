"""Signing out of applications that render pages themselves: an address that every middleware answers.

A form is sent there. The session is ended by the Backend API, and the application's cookies go.
"""

from dataclasses import replace
from html import escape

from greffier.sdk.authentication.request_state import Header
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.errors import BackendApiError, BackendApiRefused, TokenVerificationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.cookies import REFRESH, SESSION
from greffier.sdk.http.urls import url_with
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.redirects import safe_return_url
from greffier.sdk.protection.refusals import page, unavailable
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Steps

#: As the app's routes would see it.
PATH = "/__greffier/sign-out"
#: So long browsers keep cookies at most, in seconds: a token that has expired meanwhile may end its session.
_LONGEST_SECONDS = 400 * 24 * 3600.0
_NO_STORE = ("cache-control", "no-store")


def sign_out_url(request: AuthRequest, return_to: str | None = None) -> str:
    """The path that a form is sent to. `return_to` is where the browser goes then: a path, or a URL of this
    origin or of `redirect_origins`; by default the app's root."""
    root = request.prefix + request.mount
    return url_with(root + PATH, [("return_to", root + "/" if return_to is None else return_to)])


def sign_out(visit: Visit) -> Steps[Answer]:
    """End the session of the browser and take its cookies away; ask first where it was only a link.

    Other sites may not do that to a visitor. Raises `ConfigurationError` where no session can be ended.
    """
    request = visit.request
    if request.method in ("GET", "HEAD"):
        return _question(request)
    if request.method != "POST":
        return Answer(405, (("allow", "GET, HEAD, POST"), _NO_STORE))
    if not _is_own_form(visit):
        return page(403, "Not signed out", "Sign out on the site itself.", (_NO_STORE,))
    try:
        yield from _end_session(visit)
    except BackendApiError as error:
        log_rarely("A session could not be ended: %s", error)
        return unavailable()
    asked = request.parameter("return_to") or "/"
    back = safe_return_url(visit.options, request.origin, asked) or f"{request.origin}{request.prefix}/"
    return Answer(303, (("location", back), _NO_STORE, *_without_cookies(visit)))


def _is_own_form(visit: Visit) -> bool:
    request = visit.request
    own = {request.origin, *(visit.options.authorized_parties or ())}
    # A page that sends no referrer names "null" as its origin.
    return request.header("origin") in own or request.header("sec-fetch-site") == "same-origin"


def _end_session(visit: Visit) -> Steps[None]:
    backend = visit.backend_or_error("Signing out")
    token = visit.session_token
    if token is None:
        return
    tolerant = replace(visit.verifier.rules, clock_skew=_LONGEST_SECONDS)
    try:
        claims = yield from visit.verifier.verify(visit.verifier.decode(token), tolerant)
    except TokenVerificationError as error:
        if error.is_outage:
            raise BackendApiError(error.message) from None
        return  # signed out
    try:
        yield from backend.revoke_session(str(claims.get("sid")))
    except BackendApiRefused as refusal:
        if refusal.is_outage:
            raise
        # It has ended already, or was never there.


def _without_cookies(visit: Visit) -> list[Header]:
    """Without the session's cookies. `__client_uat` is of a parent domain: a handshake brings it up to
    date."""
    suffixed = visit.options.suffixed
    secure = "; Secure" if visit.request.origin.startswith("https:") else ""
    names = (SESSION, suffixed[SESSION], suffixed[REFRESH])
    return [("set-cookie", f"{name}=; Path=/; Max-Age=0; SameSite=Lax{secure}") for name in names]


def _question(request: AuthRequest) -> Answer:
    action = escape(request.url_with_query(request.query))
    form = f'<form method="post" action="{action}"><button>Sign out</button></form>'
    return page(200, "Sign out?", "You will have to sign in again to go on.", (_NO_STORE,), form=form)
