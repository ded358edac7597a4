"""Signed-in requests of the last minute: a browser sends the same cookies with each of them.

What authentication finds in such a request depends on its cookies, its `Authorization` header, the keys and
the time, and on nothing else unless `Likeness` says so. All of that is held against what is remembered, each
time: a token is refused once it has expired or its key is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from greffier.sdk.auth_object import SESSION_TOKEN, AuthObject
from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.jwt import KeySource, TokenVerifier
from greffier.sdk.options import AuthOptions
from greffier.sdk.request_state import RequestState
from greffier.sdk.signatures import SigningKey

#: So many requests are remembered, a few kilobytes each.
REMEMBERED_REQUESTS = 512

#: What of a request decides: its cookies, its `Authorization`, and whether more may decide than these two. A
#: tuple of bytes as they came, because most requests cost little more than making one.
Likeness = tuple[bytes, bytes, bool]


def likeness_of(request: AuthRequest) -> Likeness:
    """What decides of any request."""
    header = request.headers.get
    from_page = header("sec-fetch-dest") == "document" and bool(header("referer"))
    cookies, authorization = (
        header(name, "").encode("latin-1", "backslashreplace") for name in ("cookie", "authorization")
    )
    return cookies, authorization, may_decide(request.query.encode(), from_page)


def may_decide(query: bytes, from_page: bool) -> bool:
    """Whether the query may decide, because it belongs to a handshake or a satellite, or the page from which
    this one is opened. `query` is percent-encoded."""
    return from_page or b"__" in query or b"%" in query


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

    def __init__(
        self, options: AuthOptions, keys: KeySource, verifier: TokenVerifier, clock: Callable[[], float]
    ) -> None:
        self._skew = options.clock_skew
        self._key_of = keys.known
        self._verifier = verifier
        self._clock = clock
        self._applicable = options.organization_sync is None and not options.is_satellite
        self._recent: dict[tuple[bytes, bytes], Recent] = {}

    def find(self, request: Likeness) -> Recent | None:
        """What was found in a request like this one, if it still holds."""
        cookies, authorization, more_may_decide = request
        recent = self._recent.get((cookies, authorization))
        if recent is None or more_may_decide or not recent.since <= self._clock() < recent.until:
            return None
        return recent if self._key_of(recent.kid) is recent.key else None

    def keep(self, request: Likeness, now: float, state: RequestState, auth: AuthObject) -> None:
        """Remember what was found at `now`, in epoch seconds, if it is somebody signed in as most are."""
        cookies, authorization, more_may_decide = request
        claims, token = state.claims, state.token
        if not self._applicable or claims is None or token is None or state.headers or auth.actor is not None:
            return
        if not auth.is_authenticated or state.token_type != SESSION_TOKEN or more_may_decide:
            return
        signed = self._verifier.signature_of(token)
        if signed is None:
            return
        if len(self._recent) >= REMEMBERED_REQUESTS:
            self._recent.clear()
        until = claims["exp"] + self._skew
        self._recent[cookies, authorization] = Recent(state, auth, *signed, now, until)
