"""Browsers that would go between application and sign-in for ever end at a page that says so."""

from __future__ import annotations

import logging
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sdk.apps import DEVELOPMENT, DOCUMENT, ORIGIN, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.instances import Instance
from tests.sdk.recorded_backend import RecordedBackend

HOUR = 3600


class FrontendApi:
    """Servers on a browser's way: the handshake and the sign-in page of an instance whose clock may be
    wrong, at which a user is signed in."""

    def __init__(self, instance: Instance, *, clock_is_off_by: float = 0, echoes: bool = True) -> None:
        self.instance, self.off, self.echoes = instance, clock_is_off_by, echoes

    def cookies(self) -> list[str]:
        now = time.time() + self.off
        directives = [
            f"__session={self.instance.token(now=now)}; Path=/",
            f"__client_uat={int(now) - 10}; Path=/",
        ]
        return [*directives, "__clerk_db_jwt=dvb_1; Path=/"] if not self._is_live else directives

    def answer(self, url: httpx.URL) -> tuple[str, dict[str, str]]:
        """Follows a redirect; returns its URL and the cookies of the application's host after it."""
        query = parse_qs(url.query.decode())
        back = query["redirect_url"][0]
        if not url.path.endswith("/handshake"):
            return back, dict(one.partition(";")[0].split("=", 1) for one in self.cookies())
        now = int(time.time() + self.off)
        claims = {"handshake": self.cookies(), "iat": now, "exp": now + 60}
        if self.echoes:
            claims["state"] = query["__greffier_state"][0]
        token = self.instance.sign(claims)
        if self._is_live:
            return back, {"__clerk_handshake": token}
        return f"{back}{'&' if '?' in back else '?'}__clerk_handshake={token}", {}

    @property
    def _is_live(self) -> bool:
        return self.instance.secret_key.startswith("sk_live")


async def visit(app: Any, frontend: FrontendApi, *, keeps_cookies: bool = True) -> httpx.Response:
    """A browser opens a page and follows wherever it is sent, at most twenty times."""
    url = f"{ORIGIN}/reports"
    async with browser(app) as client:
        for _ in range(20):
            answer = await client.get(url, headers=DOCUMENT)
            if not keeps_cookies:
                client.cookies.clear()
            if answer.status_code not in (303, 307):
                return answer
            url = answer.headers["location"]
            if not url.startswith(ORIGIN):
                url, cookies = frontend.answer(httpx.URL(url))
                for name, value in cookies.items() if keeps_cookies else ():
                    client.cookies.set(name, value, domain="app.example.com")
    pytest.fail("the browser goes round in circles")


def explained(answer: httpx.Response, caplog: pytest.LogCaptureFixture) -> str:
    """Returns the log's line with the reference that the page shows."""
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "Signing in did not work" in answer.text
    reference = re.search(r"<code>(\w+)</code>", answer.text)
    assert reference
    return next(one.getMessage() for one in caplog.records if reference[1] in one.getMessage())


@pytest.mark.parametrize("off", [-HOUR, HOUR])
@pytest.mark.parametrize("instance", [PRODUCTION, DEVELOPMENT])
async def test_clock_that_is_an_hour_off_ends_at_a_page(
    instance: Instance, off: float, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = await visit(protected(instance), FrontendApi(instance, clock_is_off_by=off))

    explained(answer, caplog)
    assert "clock" in caplog.text


@pytest.mark.parametrize("instance", [PRODUCTION, DEVELOPMENT])
async def test_secret_key_of_another_instance_ends_at_a_page(
    instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    other = {"status": 200, "body": {"keys": [{**PRODUCTION.jwk, "kid": "ins_other"}]}}
    gone = {"status": 404, "body": {"errors": [{"code": "resource_not_found"}]}}
    backend = RecordedBackend({"GET /v1/jwks": other, "GET /v1/clients/handshake_payload?nonce=n": gone})
    settings = {"jwt_key": None, "secret_key": instance.secret_key, "transport": backend}
    with caplog.at_level(logging.WARNING):
        answer = await visit(protected(instance, **settings), FrontendApi(instance))

    assert answer.status_code == 400
    assert "do not belong together" in caplog.text


async def test_session_that_is_refused_each_time_ends_at_a_page(caplog: pytest.LogCaptureFixture) -> None:
    """No handshake helps here: the sign-in page sends the browser straight back each time."""
    app = protected(authorized_parties=["https://another.example"])

    why = explained(await visit(app, FrontendApi(PRODUCTION)), caplog)

    assert "token-invalid-authorized-parties" in why


@pytest.mark.parametrize("echoes", [True, False])
async def test_blocked_cookies_end_at_a_page_in_development(
    echoes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    frontend = FrontendApi(DEVELOPMENT, echoes=echoes)
    answer = await visit(protected(DEVELOPMENT), frontend, keeps_cookies=False)

    assert "cookies are blocked" in explained(answer, caplog)


async def test_visitor_without_a_session_is_sent_to_sign_in_however_often_they_come() -> None:
    async with browser(protected()) as client:
        answers = [await client.get("/reports", headers=DOCUMENT) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {307}
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_who_signs_in_again_after_a_stale_session_is_let_in() -> None:
    stale = signed_in_cookies(azp="https://gone.example")
    async with browser(protected(authorized_parties=["https://example.com"]), **stale) as client:
        sent_away = await client.get("/reports", headers=DOCUMENT)
        client.cookies.set("__session", signed_in_cookies()["__session"])
        for cookie in list(client.cookies.jar):
            if cookie.name == "__session" and cookie.value == stale["__session"]:
                client.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
        let_in = await client.get("/reports", headers=DOCUMENT)

    assert urlsplit(sent_away.headers["location"]).path == "/sign-in"
    assert let_in.text == "/reports user_1"


async def test_public_page_is_shown_to_a_browser_in_circles() -> None:
    async with browser(protected(), __client_uat=str(int(time.time())), __clerk_redirect_count="3") as client:
        assert (await client.get("/", headers=DOCUMENT)).text == "/ None"
