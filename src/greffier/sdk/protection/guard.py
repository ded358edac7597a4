"""`Guard`: authenticates, answers or passes on each request, whatever kind of server calls it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from greffier.sdk.auth_object import AuthObject, current
from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.authentication.handshake import comes_from_handshake
from greffier.sdk.authentication.request_state import Header, RequestState
from greffier.sdk.errors import HandshakeError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.routes import Routes
from greffier.sdk.http.transport import Transport
from greffier.sdk.options import AuthOptions, AuthSettings
from greffier.sdk.protection.gate import IGNORED, SKIPPED, Answer, Gate
from greffier.sdk.protection.hooks import AfterAuth, BeforeAuth, call_hook
from greffier.sdk.protection.protected_resource import WELL_KNOWN, metadata_answer, metadata_path
from greffier.sdk.protection.refusals import explain, refuse
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.protection.sign_out import PATH as SIGN_OUT_PATH
from greffier.sdk.protection.sign_out import sign_out
from greffier.sdk.steps import Steps

log = logging.getLogger("greffier.sdk")


class GuardSettings(AuthSettings, total=False):
    """The settings of every middleware: those of `AuthOptions`, and the treatment of routes.

    - `public_routes` are open to all visitors; `auth()` works there, signed in or not.
    - `ignored_routes` are not authenticated. Code there that reads the auth object gets it all the same,
      lazily.
    - `matcher` picks the requests that are examined; by default all but the scripts, styles, fonts and icons
      in folders that the app has mounted as static files. `include` adds to these requests, `exclude` takes
      away.
    - `before_auth(request)` and `after_auth(auth, request)` are called around authentication: see
      `greffier.sdk.protection.hooks`.
    - `lazy`: nothing is protected or verified until the app reads the auth object.
    - `load_user`: the signed-in user is fetched from the Backend API, with one request, for `current_user()`.
    - `transport` carries requests to the Backend API; `clock` gives seconds since the epoch, for tests.
    """

    public_routes: Routes
    ignored_routes: Routes
    matcher: Routes | None
    include: Routes
    exclude: Routes
    before_auth: BeforeAuth | None
    after_auth: AfterAuth | None
    lazy: bool
    load_user: bool
    transport: Transport | None
    clock: Callable[[], float] | None


@dataclass(slots=True)  # not frozen: that would double the cost of making one
class Passed:
    """The app answers. `headers` are added to its answer."""

    auth: RequestAuth
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A hook has answered, with a response of its framework or an `Answer`; `headers` are added."""

    response: Any
    headers: tuple[Header, ...] = ()


#: Of a request that is like one before.
RECALLED_HEADERS = (("x-clerk-auth-status", "signed-in"),)

#: None: the request is not for the app at all, and is passed on as it is.
Outcome = Passed | Answered | Answer | None


class Guard:
    """Decides about requests. `respond` makes a framework's own response of an `Answer`."""

    def __init__(self, respond: Callable[[Answer], Any], settings: GuardSettings) -> None:
        own = GuardSettings.__annotations__.keys() - AuthSettings.__annotations__.keys()
        of_options: Any = {name: value for name, value in settings.items() if name not in own}
        self.options = AuthOptions.from_environment(**of_options)
        self.authenticator = Authenticator(
            self.options,
            transport=settings.get("transport"),
            clock=settings.get("clock") or time.time,
            bind_handshakes=True,
        )
        self.respond = respond
        self._before, self._after = settings.get("before_auth"), settings.get("after_auth")
        self.lazy, self._load_user = settings.get("lazy", False), settings.get("load_user", False)
        #: Whether a signed-in request that is like one before may pass without a closer look at it, unless it
        #: may be for a static file. `RECALLED_HEADERS` belong to its answer.
        self.passes_alike = not (
            self.lazy
            or self._load_user
            or self._before
            or self._after
            or any(settings.get(name) for name in ("ignored_routes", "matcher", "include", "exclude"))
            or urlsplit(self.options.proxy_url or "").path.strip("/")  # that path is not the app's
        )
        resource = self.options.resource
        self._metadata_path = None if resource is None else metadata_path(resource)
        self.gate = Gate(
            self.options,
            public_routes=settings.get("public_routes", ()),
            ignored_routes=settings.get("ignored_routes", ()),
            matcher=settings.get("matcher"),
            include=settings.get("include", ()),
            exclude=settings.get("exclude", ()),
        )

    def request_auth(self, request: AuthRequest) -> RequestAuth:
        """The `RequestAuth` for a request that has not been authenticated yet."""
        return RequestAuth(self.authenticator, lambda: request, self.respond)

    def admit(
        self, request: AuthRequest, path: str, *, is_static: Callable[[], bool] | None = None
    ) -> Steps[Outcome]:
        """The outcome for a request whose path the app sees as `path`, decoded and without a mount prefix.

        `is_static` tells, when asked, whether a folder of files that the app has mounted answers it.
        """
        if self.gate.is_for_frontend_api(request, path):
            return None
        auth = self.request_auth(request)
        if self._metadata_path is not None and path in (WELL_KNOWN, self._metadata_path):
            return metadata_answer(self.options, request)
        if path == SIGN_OUT_PATH:
            return (yield from sign_out(auth.visit))
        left_out = self.gate.skip_reason(request, path, is_static=is_static)
        if left_out is not None:
            return _left_out(auth, request, left_out)
        said = yield from call_hook(self._before, request)
        if said is False:
            return Passed(auth, (("x-clerk-auth-reason", SKIPPED),))
        if said is not None and said is not True:
            return Answered(said)
        if self.lazy and not comes_from_handshake(auth.visit):
            return Passed(auth)
        return (yield from self._settle(auth, request, path))

    def _settle(self, auth: RequestAuth, request: AuthRequest, path: str) -> Steps[Outcome]:
        try:
            who = yield from auth.settle()
        except HandshakeError as error:
            return explain(error)
        state = auth.state
        assert state is not None  # noqa: S101 - `settle` has set it
        if state.location is not None:
            return Answer(307, (*state.headers, *state.debug_headers()))
        headers = state.answer_headers
        if self._load_user and who.user_id is not None:
            yield from auth.user()
        return (yield from self._protect(auth, who, state, headers, request, path))

    def _protect(
        self,
        auth: RequestAuth,
        who: AuthObject,
        state: RequestState,
        headers: tuple[Header, ...],
        request: AuthRequest,
        path: str,
    ) -> Steps[Outcome]:
        said = None
        if self._after is not None:
            token = current.set(auth)
            try:
                said = yield from call_hook(self._after, who, request)
            finally:
                current.reset(token)
        if said is not None and not isinstance(said, bool):
            return Answered(said, headers)
        if said is False or not (
            said or who.is_authenticated or self.lazy or self.gate.is_public(request, path)
        ):
            return refuse(auth.visit, state, who)
        return Passed(auth, headers)


def _left_out(auth: RequestAuth, request: AuthRequest, reason: str) -> Passed:
    if reason == IGNORED:
        _log_ignored(request.path)
    return Passed(auth, (("x-clerk-auth-reason", reason),))


@lru_cache(maxsize=256)
def _log_ignored(path: str) -> None:
    """Log it, once for each path."""
    log.warning("%s is on an ignored route: the app answers it without any authentication", path)
