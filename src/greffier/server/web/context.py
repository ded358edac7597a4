"""The caller of one request, as rules see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from greffier.server.crypto.passwords import Passwords
from greffier.server.settings import Settings
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.http.satellites import satellite_reached_by
from greffier.server.web.instance.instance import Instance, Satellite
from greffier.server.web.limits.rate_limits import AnonymousRow, Limits
from greffier.server.web.ports import (
    CurrentClient,
    CurrentMachine,
    CurrentSession,
    InstancesPort,
    MachinesPort,
    OutboxPort,
    PicturesPort,
    RevokerPort,
    SigningPort,
    TokenGatesPort,
    WalletNamesPort,
)


class CallerPort(Protocol):
    """Hooks of higher rooms (clients, sessions) around every Frontend API request; plugged in by `app.py`."""

    async def identify(self, ctx: Context) -> None:
        """Set `ctx.client` from the cookie, the native token or the dev browser."""
        ...

    async def ensure_client(self, ctx: Context) -> CurrentClient:
        """The client, made now if the browser has none."""
        ...

    async def current_session(self, ctx: Context) -> CurrentSession:
        """The acting session, or 401 `signed_out`."""
        ...

    async def bearer_session(self, ctx: Context) -> CurrentSession:
        """The session whose token is in the `Authorization` header, or 401."""
        ...

    async def finish(self, ctx: Context) -> None:
        """After the handler and within its transaction: rotate the client's secret, set cookies."""
        ...

    async def client_resource(self, ctx: Context) -> msgspec.Struct | None:
        """The client as the envelope carries it beside every answer to a mutation."""
        ...


class SessionsPort(Protocol):
    """Operations on sessions for rooms below `sessions/`; `sessions.lifecycle` implements it."""

    async def revoke_sessions_of_user(self, ctx: Context, user_id: str, *, except_id: str = "") -> None:
        """Revoke every live session of a user, but for one."""
        ...

    async def has_signed_in(self, ctx: Context, client_id: str, user_id: str) -> bool:
        """Returns whether the user has signed in on this client before."""
        ...

    async def set_entitlements(self, ctx: Context, user_id: str, entitlements: dict[str, Any] | None) -> None:
        """The next tokens of the user's sessions name these."""
        ...

    async def finish_task(self, ctx: Context, user_id: str, task: str) -> None:
        """Remove a finished task from each of the user's sessions."""
        ...

    async def clear_active_organization(
        self, ctx: Context, organization_id: str, user_id: str | None = None
    ) -> None:
        """Clear it as the active organization of this user's sessions, or of all members'. Before memberships
        are deleted.
        """
        ...


class ReverificationPort(Protocol):
    """The check of the option `reverification`; `sign_ins.reverification.demand` implements it."""

    async def require_reverified(self, ctx: Context, *, first_factor_given: bool) -> None:
        """Raises: ApiError: 403 when the session's strongest factor was not verified recently."""
        ...


class NoticesPort(Protocol):
    """Notices to users about changes of their accounts; `notices.sending` implements it."""

    async def notify_of_changes(self, ctx: Context) -> None:
        """Queues notices about what the transaction has written so far."""
        ...


class OAuthGrantsPort(Protocol):
    """Operations on grants for rooms below `oauth_provider/`; `oauth_provider.authorization.grants`
    implements it.
    """

    async def end_grants_of_user(self, ctx: Context, user_id: str) -> None:
        """End all of a user's grants."""
        ...


class StrategiesPort(Protocol):
    """Strategies for rooms below `strategies/`, which implements it. `prepare` and `attempt` return the
    verification of an identification.
    """

    async def get_ready(self, ctx: Context, name: str) -> None:
        """Ask other servers for what `prepare` needs, before anything is written.

        Raises:
            ApiError: 422 when this instance has no such strategy.
        """
        ...

    async def prepare(
        self,
        ctx: Context,
        name: str,
        identifier: Any,
        *,
        rest: Parameters,
        owner_id: str | None = None,
        subject_id: str | None = None,
        former_id: str | None = None,
        notice: Any = None,
    ) -> Any:
        """Start a verification, which replaces the former one. `notice` is sent instead of a code or link."""
        ...

    async def attempt(
        self, ctx: Context, name: str, identifier: Any, verification_id: str, rest: Parameters
    ) -> Any:
        """Attempt the verification."""
        ...

    async def can_sign_in(self, ctx: Context, user_id: str, **changes: Any) -> bool:
        """Returns whether a user can sign in, with these columns of theirs changed."""
        ...


class SecondFactorsPort(Protocol):
    """A user's second factors for rooms below `users/`; `users.second_factors.changes` implements it."""

    async def lock_factors(self, ctx: Context, user_id: str) -> Any:
        """Hold the second factors and the user until the request ends. Before anything of theirs is
        written."""
        ...

    async def identifications_changed(self, ctx: Context, user_id: str) -> Any:
        """Bring the user in line with the second factors among their identifications.

        Raises:
            ApiError: 400 when the user removed the last one and must keep one.
        """
        ...


class OrganizationsPort(Protocol):
    """Queries about organizations for rooms below `organizations/`; `organizations.ports` implements it."""

    async def memberships_of_user(self, ctx: Context, user_id: str) -> Sequence[Any]:
        """As browsers are shown them within the user."""
        ...

    def members_of(self, instance_id: str, organization_ids: list[str]) -> Any:
        """A subquery: the ids of those who are members of any of these organizations."""
        ...


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Operations of higher rooms for lower ones; plugged in by `app.py`."""

    caller: CallerPort
    instances: InstancesPort
    signing: SigningPort
    outbox: OutboxPort
    revoker: RevokerPort
    pictures: PicturesPort
    machines: MachinesPort
    sessions: SessionsPort
    reverification: ReverificationPort
    notices: NoticesPort
    oauth_grants: OAuthGrantsPort
    organizations: OrganizationsPort
    strategies: StrategiesPort
    second_factors: SecondFactorsPort
    token_gates: TokenGatesPort
    wallet_names: WalletNamesPort


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The singletons of a process."""

    settings: Settings
    clock: Clock
    database: Database
    passwords: Passwords
    limits: Limits
    ports: Ports


class Context:
    """First argument of every rule."""

    def __init__(
        self, services: Services, db: Transaction, instance: Instance, request: RequestInfo, version: str
    ) -> None:
        self.services = services
        self.db = db
        self.instance = instance
        self.request = request
        self.version = version
        self.satellite: Satellite | None = (
            satellite_reached_by(instance, request) if instance.satellites else None
        )
        """The satellite domain whose Frontend API was asked; `None` on the primary one."""
        self.now = services.clock.now_ms()
        """Milliseconds since the epoch; one time for the whole request."""
        self.by_server = False
        """An application's server sent the request, by the Backend API."""
        self.machine: CurrentMachine | None = None
        """Set where a machine's secret key came instead of the instance's."""
        self.client: CurrentClient | None = None
        self.client_user_ids: set[str] = set()
        """Users who are signed in on the client, as far as this request has looked."""
        self.client_changed = False
        """The client's `updated_at` moves. Set only where the rows that were written do not tell
        (`clients/changes.py`)."""
        self.rotate_client = False
        """A sign-in happened: the client's secret must change (ASVS 7.2.4)."""
        self.authentication_strategy: str | None = None
        """The strategy of a sign-in that happened just now, remembered by the client for its "last used"
        badge.
        """
        self.set_cookies: list[str] = []
        self.response_headers: dict[str, str] = {}
        self.testing_token = False
        """The request carries a valid testing token: bot protection is skipped."""

    @property
    def public_url(self) -> str:
        """The base URL of this server for browsers, and of every URL it sends: that of an authenticated
        proxy, the configured one, else by the host of the instance's key. Always on the primary domain,
        because people sign in there.

        The request's own host has a say in development only, among the names that the server answers at.
        """
        proxy_url = self.request.proxy_url if self.satellite is None else None
        instance = self.instance
        if configured := proxy_url or instance.public_url:
            return configured
        if instance.is_development and not self._uses_api_host:
            return self.request.base_url
        return instance.listening_url or f"https://{instance.frontend_api_host}"

    @property
    def _uses_api_host(self) -> bool:
        """Servers know this one by other names than browsers do, and through other proxies."""
        reached = self.services.ports.instances.by_host(self.request.host)
        elsewhere = reached is None or reached.id != self.instance.id
        return elsewhere or (self.by_server and self.instance.listening_url is not None)

    async def require_client(self) -> CurrentClient:
        return self.client or await self.services.ports.caller.ensure_client(self)

    async def limit_anonymous_row(self, kind: AnonymousRow) -> None:
        """Raises: ApiError: 429 when this browser's address has too many of them written."""
        await self.services.limits.anonymous_row(self.instance, kind, self.request.ip_address, self.now)

    async def require_session(self) -> CurrentSession:
        return await self.services.ports.caller.current_session(self)

    async def require_bearer_session(self) -> CurrentSession:
        return await self.services.ports.caller.bearer_session(self)
