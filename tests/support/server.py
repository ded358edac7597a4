"""A running server for tests: real database, movable clock, and clients that check every answer they get.

The usual test asks for `server`, which runs once on SQLite and once on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from greffier.server.app import Server
from greffier.server.provisioning import WantedInstance, ensure_instance
from greffier.server.settings import Settings, read_encryption_keys
from greffier.server.store.clock import ManualClock
from greffier.server.versions import NEWEST
from tests.support.contract.published import Face, check_response
from tests.support.services.database_pool import DatabasePool
from tests.support.services.databases import PostgresServer

PUBLISHABLE_KEY = "pk_test_Y2xlcmsudGlkeS1vdHRlci00Mi5sb2NhbGhvc3Qk"  # clerk.tidy-otter-42.localhost
SECRET_KEY = "sk_test_for_tests_0123456789abcdefghijklmnopqrstuv"
DEVELOPMENT = WantedInstance(publishable_key=PUBLISHABLE_KEY, secret_key=SECRET_KEY)
LIVE_PUBLISHABLE_KEY = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k"  # clerk.example.com
LIVE_SECRET_KEY = "sk_live_for_tests_0123456789abcdefghijklmnopqrstuv"
PRODUCTION = WantedInstance(
    publishable_key=LIVE_PUBLISHABLE_KEY, secret_key=LIVE_SECRET_KEY, domain="example.com"
)
NEIGHBOUR = WantedInstance(
    publishable_key="pk_test_Y2xlcmsubmV4dC1kb29yLTcubG9jYWxob3N0JA",  # clerk.next-door-7.localhost
    secret_key="sk_test_neighbour_0123456789abcdefghijklmnopqrstuv",
)
ENCRYPTION_KEY = "a2V5IHRoYXQgdGVzdHMgZW5jcnlwdCBieSwgMzIgYnk="
APP_ORIGIN = "http://localhost:3000"
PASSWORD = "correct horse battery staple"
TEST_CODE = "424242"

JsonObject = dict[str, Any]

_DEFAULTS: JsonObject = {
    "show_inbox": True,
    # A test asks more often than people do. Those about limits ask for the true figures.
    "rate_limit_scale": 1000.0,
    "encryption_keys": read_encryption_keys(ENCRYPTION_KEY),
}


class Browser:
    """A browser at the Frontend API: keeps cookies, sends forms as the browser SDK does.

    Args:
        origin: the page that sends the requests; `None` for a navigation.
        check: validate every answer of the newest date against the published contract.
    """

    def __init__(
        self,
        server: TestServer,
        *,
        origin: str | None = APP_ORIGIN,
        base_url: str = "http://localhost:8787",
        version: str = NEWEST,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.version = version
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=server.app, client=("192.0.2.7", 4711)),
            base_url=base_url,
            headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36"}
            | ({"origin": origin} if origin else {})
            | (headers or {}),
        )

    async def call(
        self,
        method: str,
        path: str,
        data: JsonObject | None = None,
        *,
        query: JsonObject | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Any verb but GET is sent as POST with `_method`, the body as a form."""
        params: JsonObject = {"__clerk_api_version": self.version, **(query or {})}
        sent = "GET" if method == "GET" else "POST"
        if method not in ("GET", "POST"):
            params["_method"] = method
        response = await self.http.request(sent, path, params=params, data=data, headers=headers)
        if self.version == NEWEST:
            _check("fapi", method, path, response)
        return response

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, /, **data: Any) -> httpx.Response:
        return await self.call("POST", path, data)

    async def patch(self, path: str, /, **data: Any) -> httpx.Response:
        return await self.call("PATCH", path, data)

    async def delete(self, path: str) -> httpx.Response:
        return await self.call("DELETE", path)

    async def begin_sign_up(self, email_address: str, **fields: Any) -> JsonObject:
        """A sign-up whose address has been sent its code."""
        fields = {"password": PASSWORD} | fields
        created = await self.post("/v1/client/sign_ups", email_address=email_address, **fields)
        assert created.status_code == 200, created.text
        path = f"/v1/client/sign_ups/{created.json()['response']['id']}"
        prepared = await self.post(f"{path}/prepare_verification", strategy="email_code")
        assert prepared.status_code == 200, prepared.text
        return prepared.json()["response"]

    async def sign_up(self, email_address: str = "ada+clerk_test@example.com", **fields: Any) -> JsonObject:
        """A complete sign-up; the answer's `client`."""
        started = await self.begin_sign_up(email_address, **fields)
        path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
        done = await self.post(path, strategy="email_code", code=TEST_CODE)
        assert done.json()["response"]["status"] == "complete", done.text
        return done.json()["client"]

    async def sign_in(
        self, email_address: str = "ada+clerk_test@example.com", password: str = PASSWORD
    ) -> JsonObject:
        """A complete sign-in by password; the answer's `client`."""
        done = await self.post(
            "/v1/client/sign_ins", strategy="password", identifier=email_address, password=password
        )
        assert done.status_code == 200, done.text
        return done.json()["client"]

    async def token(self, session_id: str) -> httpx.Response:
        return await self.post(f"/v1/client/sessions/{session_id}/tokens", organization_id="")


class Backend:
    """An application's server at the Backend API. Checks every answer of the newest date."""

    def __init__(
        self, server: TestServer, *, secret_key: str | None = SECRET_KEY, version: str = NEWEST
    ) -> None:
        self.version = version
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=server.app),
            base_url="http://localhost:8787",
            headers={"clerk-api-version": version}
            | ({"authorization": f"Bearer {secret_key}"} if secret_key else {}),
        )

    async def call(self, method: str, path: str, body: Any = None, *, query: Any = None) -> httpx.Response:
        response = await self.http.request(method, path, json=body, params=query)
        if self.version == NEWEST:
            _check("bapi", method, path, response)
        return response

    async def get(self, path: str, /, **query: Any) -> httpx.Response:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.call("POST", path, body)

    async def patch(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.call("PATCH", path, body)

    async def put(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.call("PUT", path, body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.call("DELETE", path)

    async def add_user(self, email_address: str = "ada@example.com", **fields: Any) -> JsonObject:
        """A user without a password, which costs no hashing."""
        response = await self.post(
            "/v1/users", email_address=[email_address], skip_password_requirement=True, **fields
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def create_user(self, email_address: str = "ada@example.com", **fields: Any) -> JsonObject:
        fields = {"password": PASSWORD} | fields
        response = await self.post("/v1/users", email_address=[email_address], **fields)
        assert response.status_code == 200, response.text
        return response.json()


def _check(face: Face, method: str, path: str, response: httpx.Response) -> None:
    problems = check_response(
        face,
        method,
        path.partition("?")[0],
        response.status_code,
        response.headers.get("content-type"),
        response.content,
    )
    assert not problems, "\n".join(problems)


class TestServer:
    """The server of one test, with its clock."""

    __test__ = False

    def __init__(self, app: Server, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock

    def browser(self, **options: Any) -> Browser:
        return Browser(self, **options)

    def backend(self, **options: Any) -> Backend:
        return Backend(self, **options)

    async def neighbour(self) -> Backend:
        """The backend of another instance of this server. From then on browsers must name their host."""
        await ensure_instance(self.app.database, self.clock, NEIGHBOUR)
        await self.app.reload()
        return self.backend(secret_key=NEIGHBOUR.secret_key)

    async def messages(self, to: str) -> list[JsonObject]:
        """Returns the inbox's messages for an address, newest first."""
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://localhost:8787"
        ) as http:
            response = await http.get("/inbox", params={"to": to})
            return response.json()


def _build(wanted: WantedInstance, url: str) -> None:
    """A database as a fresh start leaves it: migrated, with its instance and signing key."""

    async def build() -> None:
        app = Server(Settings(database_url=url, **_DEFAULTS), wanted)
        await app.start()
        await app.stop()

    asyncio.run(build())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[WantedInstance], Path]:
    """`sqlite_template(wanted)` is a file to copy, made once."""
    built: dict[WantedInstance, Path] = {}

    def template(wanted: WantedInstance) -> Path:
        if wanted not in built:
            path = tmp_path_factory.mktemp("template") / "greffier.db"
            _build(wanted, f"sqlite:///{path}")
            built[wanted] = path
        return built[wanted]

    return template


@pytest.fixture(scope="session")
def postgres_pool(postgres: PostgresServer) -> DatabasePool:
    """Databases that tests hand on to each other."""
    return DatabasePool(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[WantedInstance], str]]:
    """`new_database(wanted)` is the URL of a fresh database; the test runs once with each kind."""
    with ExitStack() as stack:

        def fresh(wanted: WantedInstance) -> str:
            if request.param == "sqlite":
                copy = tmp_path / f"{wanted.publishable_key}.db"
                shutil.copyfile(request.getfixturevalue("sqlite_template")(wanted), copy)
                return f"sqlite:///{copy}"
            pool: DatabasePool = request.getfixturevalue("postgres_pool")
            template = request.getfixturevalue("postgres_template")
            name = template(wanted.publishable_key, partial(_build, wanted))
            return stack.enter_context(pool.database(name))

        yield fresh


@pytest.fixture
def development_database(new_database: Callable[[WantedInstance], str]) -> str:
    return new_database(DEVELOPMENT)


@pytest.fixture
def production_database(new_database: Callable[[WantedInstance], str]) -> str:
    return new_database(PRODUCTION)


@asynccontextmanager
async def running(database_url: str, wanted: WantedInstance, **settings: Any) -> AsyncIterator[TestServer]:
    """A server on this database, started; its clock can be moved."""
    clock = ManualClock()
    chosen = Settings(database_url=database_url, **(_DEFAULTS | settings))
    app = Server(chosen, wanted, clock=clock)
    await app.start()
    try:
        yield TestServer(app, clock)
    finally:
        await app.stop()


@pytest.fixture
async def server(development_database: str) -> AsyncIterator[TestServer]:
    """A development server."""
    async with running(development_database, DEVELOPMENT) as started:
        yield started


@pytest.fixture
async def production(production_database: str) -> AsyncIterator[TestServer]:
    """A server whose instance is a production one at `clerk.example.com`."""
    async with running(production_database, PRODUCTION, show_inbox=False) as started:
        yield started
