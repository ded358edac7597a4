"""`Visit`: one request on its way through authentication, and the answers it can end in."""

from collections.abc import Iterable
from typing import Any

from greffier.sdk.auth_object import SESSION_TOKEN, MachineIdentity
from greffier.sdk.authentication.browser_state import BrowserState
from greffier.sdk.authentication.request_state import AuthStatus, Header, RequestState, Trouble
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.options import AuthOptions
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.tokens.jwt import TokenVerifier


class Visit:
    """A request with everything that authenticating it needs. `now` is in seconds since the epoch; `machines`
    is the Backend API where it may be asked about machine tokens only; `binds_handshakes`: see
    `greffier.sdk.authentication.handshake_state`."""

    __slots__ = ("_browser", "backend", "header_token", "machines", "now", "options", "request", "verifier")

    binds_handshakes = False

    def __init__(
        self,
        request: AuthRequest,
        options: AuthOptions,
        verifier: TokenVerifier,
        backend: BackendApi | None,
        now: float,
        machines: BackendApi | None,
    ) -> None:
        self.request = request
        self.options = options
        self.verifier = verifier
        self.backend = backend
        self.now = now
        self.machines = machines
        self.header_token = _token_of(request.headers.get("authorization"))
        self._browser: BrowserState | None = None

    def backend_or_error(self, wanted_by: str) -> BackendApi:
        """The Backend API; `ConfigurationError` when the settings do not say how to reach it."""
        if self.backend is None:
            raise ConfigurationError(f"{wanted_by} needs secret_key and api_url.")
        return self.backend

    @property
    def browser(self) -> BrowserState:
        """The cookies of the browser."""
        if self._browser is None:
            self._browser = BrowserState(self.request, self.options, self.now, self.verifier.decode)
        return self._browser

    @property
    def session_token(self) -> str | None:
        """The session token of the cookies, else of the header."""
        return self.browser.session_token or self.header_token

    @property
    def dev_browser(self) -> str | None:
        """The development browser's token: that of the URL before that of the cookies."""
        return self.request.parameter("__clerk_db_jwt") or self.browser.dev_browser

    def signed_in(self, token: str, claims: dict[str, Any], headers: tuple[Header, ...] = ()) -> RequestState:
        """Signed in with a session token."""
        return RequestState(
            status=AuthStatus.SIGNED_IN,
            token=token,
            claims=claims,
            headers=headers,
            backend=self.backend,
        )

    def machine_signed_in(self, token_type: str, token: str, machine: MachineIdentity) -> RequestState:
        """Signed in with a machine token."""
        return RequestState(status=AuthStatus.SIGNED_IN, token_type=token_type, token=token, machine=machine)

    def signed_out(
        self,
        reason: str,
        message: str = "",
        *,
        token_type: str | None = SESSION_TOKEN,
        headers: Iterable[Header] = (),
        trouble: Trouble | None = None,
    ) -> RequestState:
        """Signed out, for a published reason."""
        if trouble is Trouble.OUTAGE:
            log_rarely("Authentication is unavailable, protected routes answer 503: %s (%s)", message, reason)
        return RequestState(
            status=AuthStatus.SIGNED_OUT,
            reason=reason,
            message=message,
            token_type=token_type,
            headers=tuple(headers),
            trouble=trouble,
        )


class BindingVisit(Visit):
    """A visit whose handshakes are bound to the browser that is sent on them."""

    __slots__ = ()

    binds_handshakes = True


def _token_of(authorization: str | None) -> str | None:
    """The token of `Authorization: Bearer <token>`, or a header value without any scheme."""
    if not authorization:
        return None
    scheme, _, rest = authorization.partition(" ")
    token = rest.partition(" ")[0]
    if not token:
        return scheme or None
    return token if scheme == "Bearer" else None
