"""`RequestAuth`: the authentication of one request, made once, when it is first read."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authentication.authenticate import Authenticator, authenticate
from greffier.sdk.authentication.recent_requests import Recent, request_fingerprint
from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.errors import BackendApiRefused, HandshakeError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.redirects import sign_in_location
from greffier.sdk.protection.sign_out import sign_out_url
from greffier.sdk.steps import Steps, run


class RequestAuth:
    """The authentication of a request, as `get_auth` finds it. The middleware settles it; where it does not,
    the first call of `auth` does.

    `make_request` gives the request, when it is needed; `respond` makes a framework's own response of an
    answer, for `AuthObject.redirect_to_sign_in`; `found` is the remembered result of an identical request.
    """

    __slots__ = ("_auth", "_authenticator", "_lock", "_make_request", "_state", "_user", "_visit", "respond")

    def __init__(
        self,
        authenticator: Authenticator,
        make_request: Callable[[], AuthRequest],
        respond: Callable[[Any], Any],
        found: Recent | None = None,
    ) -> None:
        self._authenticator = authenticator
        self._make_request = make_request
        self._visit: Visit | None = None
        self.respond = respond
        self._state: RequestState | None = found.state if found else None
        self._auth: AuthObject | None = found.auth if found else None
        self._user: dict[str, Any] | None = None
        self._lock = Lock()  # frameworks run plain functions of one request in several threads

    @property
    def visit(self) -> Visit:
        """The request on its way through authentication, made when it is needed."""
        if self._visit is None:
            self._visit = self._authenticator.visit(self._make_request())
        return self._visit

    @property
    def state(self) -> RequestState | None:
        """The result of authentication; None before it is read."""
        return self._state

    def settle(self) -> Steps[AuthObject]:
        """Authenticate, unless that is done."""
        if self._auth is None:
            visit = self.visit
            fingerprint, requests = request_fingerprint(visit.request), self._authenticator.recent
            recent = requests.find(fingerprint) if fingerprint else None
            if recent is not None:
                self._state, self._auth = recent.state, recent.auth
                return self._auth
            self._state = yield from authenticate(visit)
            self._auth = self._state.to_auth()
            if fingerprint:
                requests.keep(fingerprint, visit.now, self._state, self._auth)
        return self._auth

    @property
    def auth(self) -> AuthObject:
        """The auth object. Blocks while keys are fetched, if the middleware has not authenticated this
        request.

        Nothing raises: what would be a handshake, or cannot be trusted, is signed out here.
        """
        if self._auth is None:
            with self._lock:
                try:
                    run(self.settle())
                except HandshakeError:
                    self._auth = AuthObject()
        return self._auth or AuthObject()

    def user(self) -> Steps[dict[str, Any] | None]:
        """The signed-in user as the Backend API shows it, asked for once; None when signed out, or deleted
        meanwhile.

        Raises `BackendApiError` when it cannot be had.
        """
        auth = yield from self.settle()
        backend = self.visit.backend_or_error("current_user()")
        if self._user is None and auth.user_id is not None:
            try:
                self._user = yield from backend.user(auth.user_id)
            except BackendApiRefused as error:
                if error.status != 404:
                    raise
        return self._user

    def sign_out_url(self, return_to: str | None) -> str:
        """The path that a form is sent to in order to sign out: see `greffier.sdk.protection.sign_out`."""
        return sign_out_url(self.visit.request, return_to)

    def redirect_to_sign_in(self, return_to: str | None) -> Any:
        """The framework's own response that sends the visitor to sign in and back to `return_to`, by default
        to this URL."""
        location = sign_in_location(self.visit, return_to=return_to)
        status = 307 if self.visit.request.method in ("GET", "HEAD") else 303
        return self.respond(Answer(status, (("location", location), ("cache-control", "no-store"))))
