"""Signed-in requests of the last minute: a browser sends the same cookies with each of them.

The result of authentication for such a request depends on its cookies, its `Authorization` header, the keys
and the time, and on nothing else unless `request_fingerprint` says so. All of that is compared with the
remembered request, each time: a token is refused once it has expired or its key is gone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject
from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.options import AuthOptions
from greffier.sdk.tokens.jwt import KeySource, TokenVerifier
from greffier.sdk.tokens.signatures import SigningKey

#: So many requests are remembered, a few kilobytes each.
REMEMBERED_REQUESTS = 512

# : The parts of a request that decide the result: its cookies and its `Authorization`, as sent.
RequestFingerprint = tuple[bytes, bytes]

#: Finds what makes a percent-encoded query decide too: it may belong to a handshake or a satellite.
find_deciding = re.compile(rb"__|%").search


def request_fingerprint(request: AuthRequest) -> RequestFingerprint | None:
    """The parts of a request that decide its result; None where its query or referring page may decide
    too."""
    header = request.headers.get
    if request.is_websocket or (header("sec-fetch-dest") == "document" and header("referer")):
        return None
    if find_deciding(request.query.encode()):
        return None
    cookies, authorization = header("cookie", ""), header("authorization", "")
    return cookies.encode("latin-1", "backslashreplace"), authorization.encode("latin-1", "backslashreplace")


@dataclass(slots=True)
class Recent:
    """A remembered result, and the interval in which it holds, in seconds since the epoch."""

    state: RequestState
    auth: AuthObject
    kid: object
    key: SigningKey
    since: float
    until: float


class RecentRequests:
    """The memory of one `Authenticator`."""

    def __init__(
        self, options: AuthOptions, keys: KeySource, verifier: TokenVerifier, clock: Callable[[], float]
    ) -> None:
        self._skew = options.clock_skew
        self._key_of = keys.known
        self._verifier = verifier
        self._clock = clock
        self._applicable = options.organization_sync is None and not options.is_satellite
        self._recent: dict[RequestFingerprint, Recent] = {}

    def find(self, request: RequestFingerprint) -> Recent | None:
        """The result of an identical request, if it still holds."""
        recent = self._recent.get(request)
        if recent is None or not recent.since <= self._clock() < recent.until:
            return None
        return recent if self._key_of(recent.kid) is recent.key else None

    def keep(self, request: RequestFingerprint, now: float, state: RequestState, auth: AuthObject) -> None:
        """Remember the result found at `now`, in epoch seconds, if it is an ordinary signed-in session."""
        claims, token = state.claims, state.token
        if not self._applicable or claims is None or token is None or state.headers or auth.actor is not None:
            return
        if not auth.is_authenticated or state.token_type != SESSION_TOKEN:
            return
        signed = self._verifier.signature_of(token)
        if signed is None:
            return
        if len(self._recent) >= REMEMBERED_REQUESTS:
            self._recent.clear()
        until = claims["exp"] + self._skew
        self._recent[request] = Recent(state, auth, *signed, now, until)
