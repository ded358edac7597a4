"""`TestServer`: a whole server in the test's process, with its database, its clock and its inbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

from greffier.server.app import Server, declare_operations
from greffier.server.instances.document import read_settings
from greffier.server.settings import Settings
from greffier.testing import administration
from greffier.testing.background import BackgroundLoop
from greffier.testing.clock import TestClock
from greffier.testing.database import first_database, new_folder, put_first_database
from greffier.testing.errors import ServerRefused
from greffier.testing.frontend import FrontendBrowser
from greffier.testing.in_process import Headers, InProcessAnswer, call
from greffier.testing.inbox import Inbox, Message
from greffier.testing.invitations import Invitation
from greffier.testing.listening import Listener
from greffier.testing.machines import Machine
from greffier.testing.oauth import REDIRECT_URI, OAuthApplication
from greffier.testing.organizations import Organization
from greffier.testing.sessions import Session
from greffier.testing.transport import ServerTransport, httpx_transport
from greffier.testing.users import User

declare_operations()  # so that all imports are done when this one is

DEFAULT_APP_URL = "http://testserver"
"""Where test clients of Django, Starlette and this package believe the app to be."""


class TestServer:
    """A development server that nobody else sees: `with TestServer() as server`, or `async with`.

    It answers in the test's process, without sockets, from a thread of its own, so that it can be used from
    plain functions, coroutines and threads. `listen` also opens a port.

    Args:
        settings: of the instance, as in the file of `greffier config`; what is not named has its default.
        rate_limits: apply the limits of a development server; tests ask more often than people do.
    """

    __test__ = False

    def __init__(self, settings: Mapping[str, Any] | None = None, *, rate_limits: bool = False) -> None:
        self.clock = TestClock(self._clock_moved)
        self.transport = ServerTransport(self)
        self.background = BackgroundLoop()
        self._settings = {"allowed_origins": [DEFAULT_APP_URL], **(settings or {})}
        read_settings(self._settings)  # a mistake shows here
        self._rate_limit_scale = 1.0 if rate_limits else 1000.0
        self._inbox = Inbox(lambda target: self.request("GET", target))
        self._folder: TemporaryDirectory[str] | None = None
        self._running: Server | None = None
        self._listener: Listener | None = None

    def start(self) -> Self:
        """Ready to answer when it returns. `stop` it.

        Raises:
            RuntimeError: it has been started.
        """
        self.background.start()
        try:
            self._folder = new_folder()
            self._running = self.background.run(self._start(Path(self._folder.name) / "greffier.db"))
            self.configure(self._settings)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything and delete the database. Idempotent."""
        if self._running is not None:
            self.background.run(self._stop())
        self.background.stop()
        if self._folder is not None:
            self._folder.cleanup()
        self._running = self._folder = self._listener = None

    def reset(self) -> None:
        """As after `start`: nobody is there, the clock shows the real time. Keys and ports stay."""
        self.background.run(self._replace_database())
        self.clock.reset()
        self._inbox.forget()
        self.configure(self._settings)

    def settings(self, **others: Any) -> dict[str, Any]:
        """Arguments for `AuthMiddleware`, `add_auth` and their like, and any others.

        With them an app verifies this server's tokens by this server's clock, and asks it without sockets.
        """
        settings: dict[str, Any] = {
            "publishable_key": self.publishable_key,
            "secret_key": self.secret_key,
            "jwt_key": self.jwt_key,
            "api_url": self.url,
            "transport": self.transport,
            "clock": self.clock,
        }
        if self._listener is not None:
            settings["proxy_url"] = self._listener.url
        return settings | others

    def environment(self) -> dict[str, str]:
        """`GREFFIER_*` variables for an app that reads its settings from there, also in another process.

        Opens a port. Such an app cannot be told the test clock: it goes by real time.
        """
        url = self.listen()
        return {
            "GREFFIER_PUBLISHABLE_KEY": self.publishable_key,
            "GREFFIER_SECRET_KEY": self.secret_key,
            "GREFFIER_JWT_KEY": self.jwt_key,
            "GREFFIER_API_URL": url,
            "GREFFIER_PROXY_URL": url,
        }

    @property
    def publishable_key(self) -> str:
        """The same for all servers of a process."""
        return first_database()[0].publishable_key

    @property
    def secret_key(self) -> str:
        """The same for all servers of a process."""
        return first_database()[0].secret_key

    @property
    def url(self) -> str:
        """Where this server is: its port, once `listen` was called; else a name that only `transport` and
        `httpx_transport` know how to reach."""
        return self._listener.url if self._listener else f"https://{self._instance.frontend_api_host}"

    @property
    def jwt_key(self) -> str:
        """The public key that verifies this server's tokens, as PEM text."""
        return administration.public_pem(self._app.signing.jwks(self._instance.id)[0])

    def listen(self, port: int = 0) -> str:
        """Answer at a port of this machine too, any free one by default; its URL. Idempotent."""
        if self._listener is None:
            self._listener = self.background.run(self._listen(port))
        return self._listener.url

    def httpx_transport(self) -> Any:
        """For `httpx.Client(transport=...)` and `httpx.AsyncClient(transport=...)`: leads here, whatever the
        URL."""
        return httpx_transport(self)

    def create_user(
        self, *, email_address: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """A new user, their email address verified.

        Args:
            password: without one they can sign in by a code.
            fields: any others of the Backend API's operation CreateUser, such as `public_metadata`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for an address that is taken.
        """
        given: dict[str, Any] = {"skip_password_requirement": password is None} | fields
        given |= {"email_address": [email_address]} if email_address else {}
        given |= {"password": password} if password is not None else {}
        data = self.backend_api("POST", "/v1/users", given)
        return User(data["id"], email_address, password, data)

    def create_organization(
        self, name: str, *, members: Mapping[User | str, str] | None = None, **fields: Any
    ) -> Organization:
        """A new organization. The instance's settings must have organizations switched on (`configure`).

        Args:
            members: the role of each user, or of each user's id, such as `org:admin`.
            fields: any others of the Backend API's operation CreateOrganization, such as `slug`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for a slug that is taken.
        """
        data = self.backend_api("POST", "/v1/organizations", {"name": name} | fields)
        for user, role in (members or {}).items():
            member = {"user_id": user.id if isinstance(user, User) else user, "role": role}
            self.backend_api("POST", f"/v1/organizations/{data['id']}/memberships", member)
        return Organization(data["id"], data["name"], data["slug"], data)

    def create_machine(
        self, name: str = "machine", *, reaches: Iterable[Machine | str] = (), **fields: Any
    ) -> Machine:
        """A new machine, to ask the app under test with its tokens.

        Args:
            reaches: machines, or their ids, that its tokens are good for.
            fields: any others of the Backend API's operation CreateMachine.

        Raises:
            ServerRefused: as the Backend API refuses.
        """
        reached = [other.id if isinstance(other, Machine) else other for other in reaches]
        given = {"name": name, "scoped_machines": reached} | fields
        return Machine(self, self.backend_api("POST", "/v1/machines", given))

    def create_invitation(self, email_address: str, **fields: Any) -> Invitation:
        """Invite somebody to sign up, by a mail that is in `messages`.

        Args:
            fields: any others of the Backend API's operation CreateInvitation, such as `public_metadata`,
                `redirect_url` or `expires_in_days`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for an address that is invited or taken.
        """
        data = self.backend_api("POST", "/v1/invitations", {"email_address": email_address} | fields)
        return Invitation(data["id"], data["email_address"], data["url"], data)

    def create_oauth_application(self, name: str = "application", **fields: Any) -> OAuthApplication:
        """Another application, whose users ask the app under test with its access tokens.

        Args:
            fields: any others of the Backend API's operation CreateOAuthApplication, such as `scopes`.

        Raises:
            ServerRefused: as the Backend API refuses.
        """
        given = {"name": name, "redirect_uris": [REDIRECT_URI]} | fields
        return OAuthApplication(self, self.backend_api("POST", "/v1/oauth_applications", given))

    def sign_in(
        self,
        user: User | str,
        *,
        actor: User | str | None = None,
        pending: bool = False,
        app_url: str = DEFAULT_APP_URL,
    ) -> Session:
        """Sign a user in, in a browser of their own. No password is asked for.

        Args:
            user: the user or their id.
            actor: who impersonates the user.
            pending: the user's password becomes known to others first, so that the session is `pending` until
                they choose another one. They need a password.
            app_url: where the app under test is, for the tokens' `azp` and for cookies.

        Raises:
            ServerRefused: the user is banned or locked, or must give a second factor.
        """
        whom = user if isinstance(user, User) else User(user, None)
        if pending:
            self.backend_api("POST", f"/v1/users/{whom.id}/password/set_compromised")
        self._allow(app_url)
        parts = urlsplit(app_url)
        browser = FrontendBrowser(self._send_from_browser, f"{parts.scheme}://{parts.netloc}")
        ticket = self._ticket(whom.id, actor)
        sign_in = browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)["response"]
        if sign_in["status"] != "complete":
            raise ServerRefused(200, sign_in["status"], "a ticket does not sign this user in")
        return Session(self, browser, sign_in["created_session_id"], whom, app_url)

    def sign_out(self, session: Session) -> None:
        """End the session as its user does."""
        session.sign_out()

    def messages(self, to: str | None = None) -> list[Message]:
        """The mail that was written, to an address or to anybody, newest first."""
        return self._inbox.messages(to)

    def wait_for_message(self, to: str, *, timeout: float = 5) -> Message:
        """The next message to an address. Raises `TimeoutError` after `timeout` seconds of real time."""
        return self._inbox.wait_for(to, lambda _: True, timeout=timeout)

    def wait_for_code(self, to: str, *, timeout: float = 5) -> str:
        """The code of the next message to an address that has one; waits for `timeout` seconds of real time.

        Every code is given out once. Addresses with `+clerk_test` are sent none: their code is 424242.

        Raises:
            TimeoutError: none came.
        """
        return self._inbox.wait_for(to, lambda message: message.code is not None, timeout=timeout).code or ""

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the instance, at any depth, as somebody does on the dashboard.

        Raises:
            SettingsError: a setting is unknown or cannot have that value.
        """
        self.background.run(administration.configure(self._app, self._instance, changes))

    def backend_api(self, method: str, path: str, body: Any = None, *, secret_key: str | None = None) -> Any:
        """What the Backend API answers, with this instance's secret key or another one. Raises
        `ServerRefused`."""
        return json.loads(self.send_backend_api(method, path, body, secret_key=secret_key).body)

    def send_backend_api(
        self, method: str, path: str, body: Any = None, *, secret_key: str | None = None
    ) -> InProcessAnswer:
        """The same where the answer has no body."""
        key = secret_key or self.secret_key
        headers = [("authorization", f"Bearer {key}"), ("content-type", "application/json")]
        answer = self.request(method, path, headers, b"" if body is None else json.dumps(body).encode())
        return answer.or_refusal()

    def request(
        self, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> InProcessAnswer:
        """Send any request to a path of this server."""
        return self.background.run(self.answer(method, self.url + target, headers, body))

    async def answer(
        self, method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> InProcessAnswer:
        """Answer a request. To be run in `background`."""
        return await call(self._app, method, url, headers, body)

    def token_of_the_past(self, session_id: str, *, azp: str, seconds_ago: float) -> str:
        """A session token that expired `seconds_ago`, with this server's key."""
        work = administration.expired_token(
            self._app, self._instance, session_id, azp=azp, seconds_ago=seconds_ago
        )
        return self.background.run(work)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _app(self) -> Server:
        if self._running is None:
            raise RuntimeError("the test server is not running")
        return self._running

    @property
    def _instance(self) -> Any:
        return next(iter(self._app.instances))

    def _clock_moved(self) -> None:
        if self._running is not None:
            self.background.run(self._running.look())  # signing keys whose time has come

    def _send_from_browser(self, method: str, target: str, headers: Headers, body: bytes) -> InProcessAnswer:
        return self.request(method, target, headers, body)

    def _ticket(self, user_id: str, actor: User | str | None) -> str:
        if actor is None:
            return self.backend_api("POST", "/v1/sign_in_tokens", {"user_id": user_id})["token"]
        acting = {"sub": actor.id if isinstance(actor, User) else actor}
        return self.backend_api("POST", "/v1/actor_tokens", {"user_id": user_id, "actor": acting})["token"]

    def _allow(self, app_url: str) -> None:
        parts = urlsplit(app_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        allowed = cast("tuple[str, ...]", self._instance.settings.allowed_origins)
        if origin not in allowed:
            self.configure({"allowed_origins": [*allowed, origin]})

    async def _start(self, path: Path) -> Server:
        put_first_database(path)
        url, scale = f"sqlite:///{path}", self._rate_limit_scale
        settings = Settings(database_url=url, show_inbox=True, rate_limit_scale=scale)
        app = Server(settings, first_database()[0], clock=self.clock)
        await app.start()
        return app

    async def _listen(self, port: int) -> Listener:
        listener = Listener(self._app, port)
        await listener.start()
        return listener

    async def _replace_database(self) -> None:
        path = Path(self._app.database.url.removeprefix("sqlite:///"))
        await self._app.database.stop()
        put_first_database(path)
        await self._app.database.start()
        await self._app.reload()

    async def _stop(self) -> None:
        if self._listener is not None:
            await self._listener.stop()
        await self._app.stop()
