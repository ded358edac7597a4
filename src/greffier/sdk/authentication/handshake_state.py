"""Binds the answer of a handshake to the browser that was sent on it.

Without that a link, or a cookie that a neighbouring host sets, could sign a visitor in as another user, or
out. The browser keeps a secret in a cookie; its SHA-256 travels along, and a Greffier server puts it into its
answer (as a client's `state` in RFC 6749 section 10.12). Other servers put nothing there.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from greffier.sdk.authentication.request_state import Header
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.http.cookies import DEV_BROWSER, HANDSHAKE, HANDSHAKE_NONCE, directive_name, directive_value

PARAMETER = "__greffier_state"
#: The claim of a handshake token that repeats the parameter.
CLAIM = "state"
# : The handshake takes seconds, unless a page of the Frontend API waits for the user on the way.
_LIFETIME_SECONDS = 600
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_NONCE = re.compile(r"hsn_[A-Za-z0-9_-]{43}\.([A-Za-z0-9_-]*)")


def begin(visit: Visit) -> tuple[str, Header]:
    """The value of `PARAMETER` for a trip that begins, and the header that lets the browser remember it."""
    secret = _secret_of(visit)
    if not _SECRET.fullmatch(secret):  # one for all tabs that are under way at once
        secret = secrets.token_urlsafe(32)
    secure = "; Secure" if _is_secure(visit) else ""
    cookie = f"{_cookie_name(visit)}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={_LIFETIME_SECONDS}"
    return _hash(secret), ("set-cookie", cookie + secure)


def echo_of_nonce(nonce: str) -> str | None:
    """The state that a nonce carries; None for a nonce of another kind of server."""
    match = _NONCE.fullmatch(nonce)
    return match[1] if match else None


def is_of_this_browser(visit: Visit, echo: object) -> bool:
    """Whether the handshake with this state in its answer was begun by this browser, as far as is known.

    None is no state: another kind of server has answered. An empty one says that the trip was begun without.
    """
    if echo is None:
        return not (visit.binds_handshakes and _is_in_url(visit) and _keeps_no_cookie(visit))
    if echo == "":
        return not visit.binds_handshakes
    secret = _secret_of(visit)
    if not isinstance(echo, str) or not _SECRET.fullmatch(secret):
        return False  # an attacker can hash an empty secret
    return hmac.compare_digest(_hash(secret).encode(), echo.encode())


def brings_other_dev_browser(visit: Visit, directives: Iterable[str]) -> bool:
    """In development: whether an answer in the URL would make this development browser another one."""
    known = visit.browser.dev_browser
    if not visit.binds_handshakes or known is None or not _is_in_url(visit):
        return False
    brought = {directive_value(one) for one in directives if directive_name(one).startswith(DEV_BROWSER)}
    return bool(brought - {known, ""})


def _is_in_url(visit: Visit) -> bool:
    """Whether the answer may have come in the URL, where it counts in development only."""
    query = visit.request.query
    return visit.options.is_development and (HANDSHAKE in query or HANDSHAKE_NONCE in query or "%" in query)


def _keeps_no_cookie(visit: Visit) -> bool:
    """Whether the browser has nothing of what it was given: it would be redirected for ever."""
    return not _secret_of(visit) and visit.browser.dev_browser is None


def _secret_of(visit: Visit) -> str:
    return visit.request.cookies.get(_cookie_name(visit), "")


def _cookie_name(visit: Visit) -> str:
    # With the prefix no other host can have set it (RFC 6265bis section 4.1.3.2); it needs https.
    return "__Host-greffier_state" if _is_secure(visit) else "greffier_state"


def _is_secure(visit: Visit) -> bool:
    return visit.request.origin.startswith("https:")


def _hash(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).rstrip(b"=").decode()
