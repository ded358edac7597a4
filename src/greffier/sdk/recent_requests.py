"""Signed-in requests of the last minute: a browser sends the same cookies with each of them.

What authentication finds in such a request depends on its cookies, its `Authorization` header, the keys and
the time, and on nothing else unless `Likeness` says so. All of that is held against what is remembered, each
time: a token is refused once it has expired or its key is gone.
"""

from dataclasses import dataclass

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject
from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.jwt import TokenVerifier
from greffier.sdk.options import AuthOptions
from greffier.sdk.request_state import RequestState
from greffier.sdk.signatures import SigningKey

#: So many requests are remembered, a few kilobytes each.
REMEMBERED_REQUESTS = 512


@dataclass(slots=True)  # not frozen: that would double the cost of making one
class Likeness:
    """What of a request decides. `query` is percent-encoded; `destination` is the header Sec-Fetch-Dest."""

    cookie: str
    authorization: str
    query: str
    destination: str
    referer: str

    @property
    def is_enough(self) -> bool:
        """Whether nothing else can make a difference: neither the query, which may belong to a handshake or a
        satellite, nor the page from which this one is opened."""
        if "__" in self.query or "%" in self.query:
            return False
        return self.destination != "document" or not self.referer


def likeness_of(request: AuthRequest) -> Likeness:
    """What decides of any request."""
    header = request.headers.get
    return Likeness(
        header("cookie", ""),
        header("authorization", ""),
        request.query,
        header("sec-fetch-dest", ""),
        header("referer", ""),
    )


@dataclass(slots=True)
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

    def find(self, request: Likeness, now: float) -> Recent | None:
        """What was found in a request like this one, if it still holds. `now` is in epoch seconds."""
        recent = self._recent.get((request.cookie, request.authorization))
        if recent is None or not recent.since <= now < recent.until or not request.is_enough:
            return None
        return recent if self._verifier.knows(recent.kid, recent.key) else None

    def keep(self, request: Likeness, now: float, state: RequestState, auth: AuthObject) -> None:
        """Remember what was found, if it is somebody signed in as most are."""
        claims, token = state.claims, state.token
        if not self._applicable or claims is None or token is None or state.headers or auth.actor is not None:
            return
        if not auth.is_authenticated or state.token_type != SESSION_TOKEN or not request.is_enough:
            return
        signed = self._verifier.signature_of(token)
        if signed is None:
            return
        if len(self._recent) >= REMEMBERED_REQUESTS:
            self._recent.clear()
        until = claims["exp"] + self._skew
        self._recent[request.cookie, request.authorization] = Recent(state, auth, *signed, now, until)
