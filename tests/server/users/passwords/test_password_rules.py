"""The rules for passwords, at every operation that sets one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from greffier.server.settings import from_environment
from greffier.server.users.passwords.common_passwords import common_passwords
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import DEVELOPMENT, PASSWORD, TestServer, running

ADA = "ada+clerk_test@example.com"
COMMON = "password123"
LEAKED = "a long password that has leaked"
PWNED = (422, "form_password_pwned")


async def sign_up(server: TestServer, password: str) -> Any:
    return await server.browser().post("/v1/client/sign_ups", email_address=ADA, password=password)


async def require_strength(server: TestServer, score: int) -> None:
    await configure(server, {"password": {"min_strength": score}})


# --- common ones --------------------------------------------------------------------------------------------


def test_at_least_three_thousand_common_passwords_are_known() -> None:
    assert len(common_passwords()) > 3000


@pytest.mark.parametrize("password", [COMMON, COMMON.upper(), "qwertyuiop", "baseball1"])
async def test_common_password_is_refused_at_sign_up(server: TestServer, password: str) -> None:
    assert error_of(await sign_up(server, password)) == (*PWNED, "password")


async def test_common_password_is_refused_as_a_new_one(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(ADA)

    response = await browser.post("/v1/me/change_password", current_password=PASSWORD, new_password=COMMON)

    assert error_of(response) == (*PWNED, "new_password")


async def test_common_password_is_refused_by_the_backend_api(server: TestServer) -> None:
    backend = server.backend()
    user = await backend.add_user()

    created = await backend.post("/v1/users", email_address=["eve@example.com"], password=COMMON)
    updated = await backend.patch(f"/v1/users/{user['id']}", password=COMMON)

    assert error_of(created) == error_of(updated) == (*PWNED, "password")


async def test_backend_may_skip_the_checks(server: TestServer) -> None:
    user = await server.backend().create_user(password=COMMON, skip_password_checks=True)

    assert user["password_enabled"] is True


async def test_long_password_with_a_common_one_inside_is_accepted(server: TestServer) -> None:
    assert (await sign_up(server, f"{COMMON} and more")).status_code == 200


# --- strength -----------------------------------------------------------------------------------------------


async def test_weak_password_is_refused_with_advice_where_strength_is_asked_for(server: TestServer) -> None:
    await require_strength(server, 3)

    response = await sign_up(server, "abcabcabc")

    error = response.json()["errors"][0]
    assert (response.status_code, error["code"]) == (422, "form_password_not_strong_enough")
    assert error["meta"]["param_name"] == "password"
    codes = {suggestion["code"] for suggestion in error["meta"]["zxcvbn"]["suggestions"]}
    assert codes == {"anotherWord", "repeated"}


async def test_strong_password_is_accepted_where_strength_is_asked_for(server: TestServer) -> None:
    await require_strength(server, 4)

    assert (await sign_up(server, PASSWORD)).status_code == 200


async def test_strength_is_not_asked_for_by_default(server: TestServer) -> None:
    assert (await sign_up(server, "abcabcabc")).status_code == 200


# --- the breach service -------------------------------------------------------------------------------------


@pytest.fixture
def breach_service() -> Iterator[ThreadingHTTPServer]:
    """Knows one leaked password, and pads its answers with made-up hashes."""
    digest = hashlib.sha1(LEAKED.encode()).hexdigest().upper()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked.append(self.path)  # type: ignore[attr-defined]
            hashed = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
            body = f"{digest[5:]}:42\r\n{hashed[5:]}:0\r\n".encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    service = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield service
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture
async def asking(development_database: str, breach_service: ThreadingHTTPServer) -> AsyncIterator[TestServer]:
    url = f"http://127.0.0.1:{breach_service.server_address[1]}/range/"
    async with running(development_database, DEVELOPMENT, breach_url=url) as started:
        yield started


async def test_leaked_password_is_refused(asking: TestServer) -> None:
    assert error_of(await sign_up(asking, LEAKED)) == (*PWNED, "password")


async def test_breach_service_learns_five_digits_of_a_hash(
    asking: TestServer, breach_service: ThreadingHTTPServer
) -> None:
    await sign_up(asking, LEAKED)

    digest = hashlib.sha1(LEAKED.encode()).hexdigest().upper()
    assert breach_service.asked == [f"/range/{digest[:5]}"]  # type: ignore[attr-defined]


async def test_padding_of_the_answer_is_no_leak(asking: TestServer) -> None:
    assert (await sign_up(asking, PASSWORD)).status_code == 200


async def test_breach_service_that_is_down_refuses_no_password(
    development_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    unreachable = "http://127.0.0.1:9/range/"
    async with running(development_database, DEVELOPMENT, breach_url=unreachable) as server:
        response = await sign_up(server, LEAKED)

    assert response.status_code == 200
    assert "breach service did not answer" in caplog.text
    assert LEAKED not in caplog.text


def test_breach_url_must_be_a_url() -> None:
    with pytest.raises(ValueError, match="GREFFIER_BREACH_URL"):
        from_environment({"GREFFIER_BREACH_URL": "file:///etc/passwd"})
