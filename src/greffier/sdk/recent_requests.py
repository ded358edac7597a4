"""Signed-in requests of the last minute: a browser sends the same cookies with each of them.

What authentication finds in such a request depends on its cookies, its `Authorization` header, the keys and
the time, and on nothing else where `_always_alike` says so. All of that is held against what is remembered,
each time: a token is refused once it has expired or its key is gone.
"""

from dataclasses import dataclass

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject
from greffier.sdk.jwt import TokenVerifier
from greffier.sdk.options import AuthOptions
from greffier.sdk.request_state import RequestState
from greffier.sdk.signatures import SigningKey
from greffier.sdk.visit import Visit

#: So many requests are remembered, a few kilobytes each.
REMEMBERED_REQUESTS = 512


@dataclass(slots=True)  # not frozen: that would double the cost of making one
class Recent:
    """What was found, and from when until when it holds, in seconds since the epoch."""

    state: RequestState
    auth: AuthObject
    kid: object
    key: SigningKey
    since: float
    until: float


class RecentRequests:
    """The memory of one `Authenticator`."""

    def __init__(self, options: AuthOptions, verifier: TokenVerifier) -> None:
        self._skew = options.clock_skew
        self._verifier = verifier
        self._applicable = options.organization_sync is None and not options.is_satellite
        self._recent: dict[tuple[str, str], Recent] = {}

    def find(self, visit: Visit) -> Recent | None:
        """What was found in a request like this one, if it still holds."""
        recent = self._recent.get(_name(visit))
        if recent is None or not recent.since <= visit.now < recent.until or not _always_alike(visit):
            return None
        return recent if self._verifier.knows(recent.kid, recent.key) else None

    def keep(self, visit: Visit, state: RequestState, auth: AuthObject) -> None:
        """Remember what was found, if it is somebody signed in as most are."""
        claims, token = state.claims, state.token
        if not self._applicable or claims is None or token is None or state.headers or auth.actor is not None:
            return
        if not auth.is_authenticated or state.token_type != SESSION_TOKEN or not _always_alike(visit):
            return
        signed = self._verifier.signature_of(token)
        if signed is None:
            return
        if len(self._recent) >= REMEMBERED_REQUESTS:
            self._recent.clear()
        until = claims["exp"] + self._skew
        self._recent[_name(visit)] = Recent(state, auth, *signed, visit.now, until)


def _name(visit: Visit) -> tuple[str, str]:
    headers = visit.request.headers
    return headers.get("cookie", ""), headers.get("authorization", "")


def _always_alike(visit: Visit) -> bool:
    """Whether nothing else of the request can make a difference: neither its query, which may belong to a
    handshake or a satellite, nor the page that it comes from."""
    request = visit.request
    if "__" in request.query or "%" in request.query:
        return False
    return request.headers.get("sec-fetch-dest") != "document" or "referer" not in request.headers
