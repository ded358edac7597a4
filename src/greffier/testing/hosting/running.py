"""`RunningServer`: a whole server in the test's process, from its start to its end, and requests to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from greffier.server.app import Server, declare_operations
from greffier.server.instances.document import read_settings
from greffier.server.settings import Settings
from greffier.testing import administration
from greffier.testing.clock import TestClock
from greffier.testing.hosting.background import BackgroundLoop
from greffier.testing.hosting.database import first_database, new_folder, put_first_database
from greffier.testing.hosting.in_process import InProcessAnswer, call
from greffier.testing.hosting.listening import Listener
from greffier.testing.hosting.transport import ServerTransport, httpx_transport
from greffier.testing.inbox import Inbox

declare_operations()  # so that all imports are done when this one is

DEFAULT_APP_URL = "http://testserver"
"""The origin of the app in test clients of Django, Starlette and this package."""


class RunningServer:
    """A server with its database, its clock and its inbox, without any user. Tests make a `TestServer`, which
    documents the arguments.
    """

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
        """As after `start`: without users, the clock at the real time. Keys and ports stay."""
        self.background.run(self._replace_database())
        self.clock.reset()
        self._inbox.reset()
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
        """The URL of this server: its port, once `listen` was called; else a name that only `transport` and
        `httpx_transport` know how to reach.
        """
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

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the instance, at any depth, as on the dashboard.

        Raises:
            SettingsError: a setting is unknown or cannot have that value.
        """
        self.background.run(administration.configure(self._app, self._instance, changes))

    def backend_api(self, method: str, path: str, body: Any = None, *, secret_key: str | None = None) -> Any:
        """The answer of the Backend API, with this instance's secret key or another one. Raises
        `ServerRefused`.
        """
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

    def token_of_the_past(self, session_id: str, *, azp: str, seconds_ago: float) -> str:
        """A session token that expired `seconds_ago`, with this server's key."""
        work = administration.expired_token(
            self._app, self._instance, session_id, azp=azp, seconds_ago=seconds_ago
        )
        return self.background.run(work)

    async def answer(
        self, method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> InProcessAnswer:
        """Answer a request. To be run in `background`."""
        return await call(self._app, method, url, headers, body)

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
            self.background.run(self._running.poll())  # signing keys whose time has come

    async def _start(self, path: Path) -> Server:
        put_first_database(path)
        return await self._serve(f"sqlite:///{path}")

    async def _serve(self, database_url: str) -> Server:
        scale = self._rate_limit_scale
        settings = Settings(database_url=database_url, show_inbox=True, rate_limit_scale=scale)
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
