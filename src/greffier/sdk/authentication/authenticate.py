"""Authenticating a request: from its header and cookies to signed in, signed out, or a handshake.

The questions come in the published order. The cookies are in `browser_state`; the redirects through the
Frontend API are in `handshake` and `satellites`, the one to the Backend API in `refresh`.
"""

import time
from collections.abc import Callable
from typing import Any

from greffier.sdk.auth_object import SESSION_TOKEN
from greffier.sdk.authentication.handshake import (
    MAX_REDIRECTS,
    comes_from_handshake,
    handshake_or_signed_out,
    resolve_handshake,
)
from greffier.sdk.authentication.recent_requests import RecentRequests
from greffier.sdk.authentication.refresh import refresh
from greffier.sdk.authentication.request_state import AuthStatus, RequestState, Trouble
from greffier.sdk.authentication.satellites import (
    answer_satellite,
    comes_from_satellite,
    synchronize_satellite,
)
from greffier.sdk.authentication.visit import BindingVisit, Visit
from greffier.sdk.authentication.websockets import comes_from_own_page
from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import ConfigurationError, TokenVerificationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.organization_sync import OrganizationSync
from greffier.sdk.http.transport import HttpRequest, Transport, default_transport
from greffier.sdk.options import AuthOptions
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.reasons import AuthReason, RefreshReason, TokenReason
from greffier.sdk.steps import Steps, run, run_async
from greffier.sdk.tokens.claims import session_properties
from greffier.sdk.tokens.jwks import JwksKeys
from greffier.sdk.tokens.jwt import (
    KeySource,
    PemKey,
    TokenRules,
    TokenVerifier,
    has_session_category,
)
from greffier.sdk.tokens.machine_tokens import (
    MACHINE_TOKEN_TYPES,
    machine_jwt_type,
    machine_token_type,
    verify_machine_token,
)

_HANDSHAKE_REASONS = {
    TokenReason.NOT_ACTIVE_YET: AuthReason.SESSION_NBF,
    TokenReason.IAT_IN_THE_FUTURE: AuthReason.SESSION_IAT_IN_THE_FUTURE,
}


#: The Backend API has said nothing about the session.
_NO_REFRESH_NOW = (RefreshReason.FETCH_ERROR, RefreshReason.UNEXPECTED_BAPI_ERROR)


class Authenticator:
    """Authenticates requests with one set of options. Make one per app and share it: it holds the keys.

    `transport` carries requests to the Backend API; `clock` gives seconds since the epoch. With
    `bind_handshakes`, as in every middleware, a handshake's answer counts only in the browser that was sent.
    """

    def __init__(
        self,
        options: AuthOptions,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
        bind_handshakes: bool = False,
    ) -> None:
        self.options = options
        self._visit = BindingVisit if bind_handshakes else Visit
        self._clock = clock
        transport = transport or default_transport()
        api_url = options.backend_api_url()
        key = options.secret_key or options.machine_secret_key
        # A service that only other machines call needs no more than its own key.
        self._machines = (
            BackendApi(
                api_url=api_url,
                secret_key=key,
                machine_secret_key=options.machine_secret_key,
                transport=transport,
            )
            if key and api_url
            else None
        )
        self.backend = self._machines if options.secret_key else None
        rules = TokenRules(
            authorized_parties=options.parties,
            audience=options.audiences,
            issuers=options.accepted_issuers,
            clock_skew=options.clock_skew,
            max_lifetime=options.max_lifetime,
        )
        keys = _key_source(options, self.backend, transport)
        self._verifier = TokenVerifier(keys, rules, clock=clock)
        self.recent = RecentRequests(options, keys, self._verifier, clock)

    def authenticate(self, request: AuthRequest) -> RequestState:
        """Authenticate a request, blocking when something must be fetched.

        Raises `HandshakeError` in development for a handshake that cannot be trusted, and
        `ConfigurationError` for a verification key that cannot be used.
        """
        return run(authenticate(self.visit(request)))

    async def authenticate_async(self, request: AuthRequest) -> RequestState:
        """`authenticate` for asynchronous code."""
        return await run_async(authenticate(self.visit(request)))

    def verify_token(self, token: str) -> dict[str, Any]:
        """The claims of a session token, blocking when keys must be fetched.

        Raises `TokenVerificationError` for a token that is not acceptable.
        """
        return run(self._verifier.verify(self._verifier.decode(token)))

    async def verify_token_async(self, token: str) -> dict[str, Any]:
        """`verify_token` for asynchronous code."""
        return await run_async(self._verifier.verify(self._verifier.decode(token)))

    def visit(self, request: AuthRequest) -> Visit:
        """The request with all that authenticating it needs, for `authenticate` and for redirects."""
        return self._visit(request, self.options, self._verifier, self.backend, self._clock(), self._machines)


def _key_source(options: AuthOptions, backend: BackendApi | None, transport: Transport) -> KeySource:
    if options.jwt_key:
        return PemKey(options.jwt_key)
    if backend is not None:
        return JwksKeys(backend.jwks_request(), transport)
    url = options.frontend_api_url("")
    if url.startswith("/"):
        raise ConfigurationError(
            "With a proxy_url that is only a path, give jwt_key, or secret_key and api_url, to verify tokens."
        )
    return JwksKeys(HttpRequest("GET", f"{url}/.well-known/jwks.json"), transport)


def authenticate(visit: Visit) -> Steps[RequestState]:
    """Authenticate the request: signed in, signed out, or in need of a handshake."""
    options = visit.options
    accepted = options.accepts_token
    token = visit.header_token
    if isinstance(accepted, str) and accepted in MACHINE_TOKEN_TYPES:
        return (yield from _only_machine(visit, token, accepted))
    if not isinstance(accepted, str):
        token_type = (machine_token_type(token) if token else None) or SESSION_TOKEN
        if not options.accepts(token_type):
            return visit.signed_out(AuthReason.TOKEN_TYPE_MISMATCH, token_type=None)
    if token is None:
        if visit.request.is_websocket and not comes_from_own_page(visit):
            return visit.signed_out(AuthReason.FOREIGN_WEBSOCKET)
        state = (yield from resolve_handshake(visit)) if comes_from_handshake(visit) else None
        state = state or synchronize_satellite(visit) or answer_satellite(visit) or _by_cookies(visit)
        return state or (yield from _verified_session(visit))
    if accepted != SESSION_TOKEN:
        token_type = machine_token_type(token)
        if token_type is not None:
            return (yield from _machine(visit, token, token_type))
    return (yield from _session_in_header(visit, token))


def _only_machine(visit: Visit, token: str | None, accepted: str) -> Steps[RequestState]:
    if token is None:
        return visit.signed_out(AuthReason.NO_TOKEN_IN_HEADER, token_type=accepted)
    if machine_token_type(token) != accepted:
        return visit.signed_out(AuthReason.TOKEN_TYPE_MISMATCH, token_type=accepted)
    return (yield from _machine(visit, token, accepted))


def _machine(visit: Visit, token: str, token_type: str) -> Steps[RequestState]:
    try:
        machine = yield from verify_machine_token(
            token,
            token_type,
            verifier=visit.verifier,
            backend=visit.machines,
            resource=visit.options.resource,
        )
    except TokenVerificationError as error:
        trouble = Trouble.OUTAGE if error.is_outage else None
        return visit.signed_out(error.reason, error.message, token_type=token_type, trouble=trouble)
    return visit.machine_signed_in(token_type, token, machine)


def _session_in_header(visit: Visit, token: str) -> Steps[RequestState]:
    try:
        session = visit.verifier.decode(token)
        if machine_jwt_type(session) or not has_session_category(session):
            return visit.signed_out(AuthReason.TOKEN_TYPE_MISMATCH)
        claims = yield from visit.verifier.verify(session)
    except TokenVerificationError as error:
        return (yield from _refused(visit, error))
    return visit.signed_in(token, claims)


def _by_cookies(visit: Visit) -> RequestState | None:
    """The state that follows from the presence of cookies; None when there is a session token to verify."""
    browser = visit.browser
    if visit.options.is_development:
        if visit.request.parameter("__clerk_db_jwt") is not None:
            return handshake_or_signed_out(visit, AuthReason.DEV_BROWSER_SYNC)
        if not browser.dev_browser:
            return handshake_or_signed_out(visit, AuthReason.DEV_BROWSER_MISSING)
    if browser.session_token is None:
        if browser.client_uat == 0:
            return visit.signed_out(AuthReason.SESSION_AND_UAT_MISSING)
        return handshake_or_signed_out(visit, AuthReason.CLIENT_UAT_WITHOUT_SESSION)
    if browser.client_uat == 0:
        return handshake_or_signed_out(visit, AuthReason.SESSION_WITHOUT_CLIENT_UAT)
    return None


def _verified_session(visit: Visit) -> Steps[RequestState]:
    browser = visit.browser
    token = browser.session_token or ""
    try:
        session = browser.session or visit.verifier.decode(token)
        if machine_jwt_type(session) or not has_session_category(session):
            return visit.signed_out(AuthReason.TOKEN_TYPE_MISMATCH)
        issued: Any = session.claims.get("iat")
        if type(issued) in (int, float) and issued < browser.client_uat:
            return handshake_or_signed_out(visit, AuthReason.SESSION_IAT_BEFORE_CLIENT_UAT)
        claims = yield from visit.verifier.verify(session)
    except TokenVerificationError as error:
        return (yield from _refused(visit, error))
    if comes_from_satellite(visit):
        message = "Cross-origin request from satellite domain requires handshake"
        return handshake_or_signed_out(visit, AuthReason.PRIMARY_CROSS_ORIGIN_SYNC, message)
    sync = visit.options.organization_sync
    state = _activate_organization(visit, sync, claims) if sync else None
    return state or visit.signed_in(token, claims)


def _activate_organization(
    visit: Visit, sync: OrganizationSync, claims: dict[str, Any]
) -> RequestState | None:
    """A handshake that activates the organization of the URL; None when there is nothing to activate."""
    target = sync.target(visit.request.path)
    if target is None:
        return None
    session = session_properties(claims)
    if session.session_status == "pending" or target.is_active(
        org_id=session.org_id, org_slug=session.org_slug
    ):
        return None
    if visit.browser.redirect_count >= MAX_REDIRECTS:
        return None  # no such organization, or not a member: the page is shown as it is
    state = handshake_or_signed_out(visit, AuthReason.ORGANIZATION_MISMATCH)
    return state if state.status is AuthStatus.HANDSHAKE else None


def _refused(visit: Visit, error: TokenVerificationError) -> Steps[RequestState]:
    """The state that follows from a session token that was not accepted."""
    if error.reason is TokenReason.EXPIRED:
        renewed = yield from refresh(visit)
        if isinstance(renewed, RequestState):
            return renewed
        reason = f"{AuthReason.SESSION_EXPIRED}-refresh-{renewed}"
        state = handshake_or_signed_out(visit, reason, error.message)
        if renewed in _NO_REFRESH_NOW and state.status is AuthStatus.SIGNED_OUT and state.trouble is None:
            return visit.signed_out(reason, error.message, trouble=Trouble.OUTAGE)
        return state
    if error.reason in _HANDSHAKE_REASONS:
        return handshake_or_signed_out(visit, _HANDSHAKE_REASONS[error.reason], error.message)
    if error.reason is TokenReason.JWK_KID_MISMATCH:
        log_rarely("A session token is refused: %s", error.message)
    trouble = Trouble.OUTAGE if error.is_outage else None
    return visit.signed_out(error.reason, error.message, trouble=trouble)
