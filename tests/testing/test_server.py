"""The server in the test's process: its clock, its inbox, its port, and where it can be called from."""

import asyncio
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from greffier.sdk.http.transport import HttpRequest
from greffier.server.instances.document import SettingsError
from greffier.testing import ServerRefused, TestServer
from greffier.testing.frontend import FrontendBrowser
from greffier.testing.hosting.background import BackgroundLoop
from tests.testing.apps import fastapi_app

ADA = "ada@example.com"
PASSWORD = "correct horse battery staple"
PAGE = {"sec-fetch-dest": "document", "accept": "text/html"}


def browser_of(server: TestServer) -> FrontendBrowser:
    def send(method: str, target: str, headers: list[tuple[str, str]], body: bytes):
        return server.request(method, target, headers, body)

    return FrontendBrowser(send, "http://localhost:3000")


def begin_sign_in(browser: FrontendBrowser) -> str:
    """The path of a sign-in whose code has been sent."""
    started = browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    return f"/v1/client/sign_ins/{started['response']['id']}"


async def test_the_clock_moves_tokens_for_the_app_too(server: TestServer) -> None:
    session = server.sign_in(server.create_user(email_address=ADA))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(fastapi_app(**server.settings())), base_url="http://testserver"
    ) as client:
        headers = session.headers()
        assert (await client.get("/me", headers=headers)).status_code == 200
        server.clock.advance(seconds=59)
        assert (await client.get("/me", headers=headers)).status_code == 200
        server.clock.advance(seconds=10)
        assert (await client.get("/me", headers=headers)).status_code == 401
        assert (await client.get("/me", headers=session.headers())).status_code == 200


async def test_expired_cookies_are_renewed_without_a_handshake(server: TestServer) -> None:
    session = server.sign_in(server.create_user(email_address=ADA))
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        server.clock.advance(minutes=5)
        answer = await client.get("/me", headers=PAGE)
        assert answer.status_code == 200
        assert any("__session" in line for line in answer.headers.get_list("set-cookie"))
        session.revoke()
        server.clock.advance(minutes=5)
        assert (await client.get("/me", headers=PAGE)).status_code == 307


def test_the_clock_ends_sessions(server: TestServer) -> None:
    session = server.sign_in(server.create_user(email_address=ADA))
    server.clock.advance(days=7, seconds=1)
    assert session.status == "expired"
    with pytest.raises(ServerRefused):
        session.token()


def test_the_clock_ends_lockouts(server: TestServer) -> None:
    server.create_user(email_address=ADA, password=PASSWORD)
    sign_in = {"strategy": "password", "identifier": ADA}
    browser = browser_of(server)
    for _ in range(10):
        with pytest.raises(ServerRefused):
            browser.post("/v1/client/sign_ins", password="wrong", **sign_in)
    with pytest.raises(ServerRefused) as locked:
        browser.post("/v1/client/sign_ins", password=PASSWORD, **sign_in)
    assert locked.value.code == "user_locked"
    server.clock.advance(hours=1, seconds=1)
    assert browser.post("/v1/client/sign_ins", password=PASSWORD, **sign_in)["response"]["status"] == (
        "complete"
    )


def test_time_only_goes_on(server: TestServer) -> None:
    with pytest.raises(ValueError, match="reset"):
        server.clock.advance(seconds=-1)


def test_a_code_from_the_inbox_signs_in(server: TestServer) -> None:
    user = server.create_user(email_address=ADA)
    browser = browser_of(server)
    path = begin_sign_in(browser)
    code = server.wait_for_code(ADA)
    done = browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=code)
    assert done["client"]["sessions"][0]["user"]["id"] == user.id
    (message,) = server.messages(ADA)
    assert message.code == code
    assert code in message.text


def test_each_code_is_given_out_once_and_the_next_is_waited_for(server: TestServer) -> None:
    server.create_user(email_address=ADA)
    begin_sign_in(browser_of(server))
    first = server.wait_for_code(ADA)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.wait_for_code, ADA)
        server.clock.advance(minutes=1)
        begin_sign_in(browser_of(server))
        waiting.result(timeout=10)
    newest, oldest = server.messages(ADA)
    assert (oldest.code, newest.code) == (first, waiting.result())


def test_a_code_that_does_not_come_is_told_with_what_came(server: TestServer) -> None:
    with pytest.raises(TimeoutError, match="there is nothing"):
        server.wait_for_code(ADA, timeout=0.05)
    server.create_user(email_address=ADA)
    begin_sign_in(browser_of(server))
    message = server.wait_for_message(ADA)
    with pytest.raises(TimeoutError) as error:
        server.wait_for_code(ADA, timeout=0.05)
    assert repr(message.subject) in str(error.value)
    assert message.code not in str(error.value)


def test_reset_leaves_no_users_and_the_real_time(server: TestServer) -> None:
    key, pem = server.publishable_key, server.jwt_key
    session = server.sign_in(server.create_user(email_address=ADA))
    server.configure({"application_name": "Orchard"})
    server.clock.advance(days=1)
    server.reset()
    assert server.backend_api("GET", "/v1/users") == []
    assert (server.publishable_key, server.jwt_key) == (key, pem)
    with pytest.raises(ServerRefused):
        session.token()
    assert abs(server.clock() - TestServer().clock()) < 60
    environment = server.request("GET", "/v1/environment")
    assert b"Orchard" not in environment.body


def test_settings_of_the_instance_can_be_given_and_changed() -> None:
    with TestServer({"session": {"token_lifetime": 120}}) as server:
        session = server.sign_in(server.create_user(email_address=ADA))
        server.configure({"application_name": "Orchard"})
        assert b"Orchard" in server.request("GET", "/v1/environment").body
        server.clock.advance(seconds=1)
        claims = _claims(session.token())
        assert claims["exp"] - claims["iat"] == 120


def test_a_setting_that_does_not_exist_is_told_before_the_start() -> None:
    with pytest.raises(SettingsError, match="token_life"):
        TestServer({"session": {"token_life": 120}})


async def test_it_is_called_from_an_event_loop_without_blocking_it(server: TestServer) -> None:
    request = HttpRequest("GET", server.url + "/v1/health")
    answers = await asyncio.gather(*(server.transport.send_async(request) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}


def test_it_is_called_from_threads(server: TestServer) -> None:
    request = HttpRequest("GET", server.url + "/v1/health")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.transport.send(request), range(40)))
    assert {answer.status for answer in answers} == {200}


async def test_it_starts_and_stops_within_an_event_loop() -> None:
    async with TestServer() as server:
        assert server.request("GET", "/v1/health").status == 200
    with pytest.raises(RuntimeError, match="not running"):
        server.request("GET", "/v1/health")


def test_nothing_is_left_behind() -> None:
    with TestServer() as server:
        assert server._folder is not None
        folder = Path(server._folder.name)
        assert list(folder.iterdir())
        threads = {thread.name for thread in threading.enumerate()}
        assert "greffier-test-server" in threads
    assert not folder.exists()
    server.stop()


def test_it_may_be_started_again() -> None:
    server = TestServer()
    for _ in range(2):
        with server:
            assert server.backend_api("GET", "/v1/users") == []
            server.create_user(email_address=ADA)
            with pytest.raises(RuntimeError, match="already"):
                server.start()


def test_before_its_start_it_says_so() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        TestServer().create_user(email_address=ADA)


def test_servers_do_not_see_one_another(server: TestServer) -> None:
    server.create_user(email_address=ADA)
    with TestServer() as other:
        assert other.backend_api("GET", "/v1/users") == []


def test_who_would_wait_for_themselves_is_told() -> None:
    loop = BackgroundLoop()
    loop.start()

    async def nothing() -> None: ...

    async def wait_for_itself() -> None:
        loop.run(nothing())

    with pytest.raises(RuntimeError, match="itself"):
        loop.run(wait_for_itself())
    loop.stop()


def test_it_answers_at_a_port_on_demand() -> None:
    with TestServer() as server:
        assert "proxy_url" not in server.settings()
        url = server.listen()
        assert server.listen() == url
        with urllib.request.urlopen(f"{url}/v1/health") as answer:
            assert answer.status == 200
        assert server.settings()["proxy_url"] == server.settings()["api_url"] == url
        server.reset()
        with urllib.request.urlopen(f"{url}/v1/health") as answer:
            assert answer.status == 200
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/v1/health")


async def test_an_app_is_connected_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with TestServer() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        session = server.sign_in(server.create_user(email_address=ADA))
        async with session.httpx_client(fastapi_app()) as client:
            assert (await client.get("/profile")).json()["metadata"] == {}
            client.cookies.clear()
            answer = await client.get("/me", headers=PAGE)
            assert answer.headers["location"].startswith(f"{server.url}/v1/client/handshake?")


def test_other_clients_reach_it_by_an_httpx_transport(server: TestServer) -> None:
    user = server.create_user(email_address=ADA)
    headers = {"authorization": f"Bearer {server.secret_key}"}
    with httpx.Client(transport=server.httpx_transport(), base_url="https://api.invalid") as client:
        assert client.get(f"/v1/users/{user.id}", headers=headers).json()["id"] == user.id
        assert client.get("/v1/users").status_code == 401


def _claims(token: str) -> dict[str, int]:
    from greffier.sdk.tokens.jwt import decode_jwt

    return decode_jwt(token).claims
