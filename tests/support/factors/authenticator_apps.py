"""An authenticator app, and users who have one."""

from __future__ import annotations

import base64
from typing import Any

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, JsonObject, TestServer

ADA = "ada+clerk_test@example.com"
SECOND_FACTORS: JsonObject = {
    "attributes": {"authenticator_app": {"enabled": True}, "backup_code": {"enabled": True}}
}


def code_of(secret: str, *, seconds: int) -> str:
    """The code of a secret in base32. Args: seconds: since the epoch."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(seconds).decode()


class AuthenticatorApp:
    """Shows the codes of one secret, by the server's clock."""

    def __init__(self, server: TestServer, secret: str) -> None:
        self._server = server
        self._secret = secret

    def code(self, *, steps: int = 0) -> str:
        """Args: steps: how many steps of 30 seconds later."""
        seconds = self._server.clock.now_ms() // 1000 + 30 * steps
        return code_of(self._secret, seconds=seconds)

    def wrong_code(self) -> str:
        """One that is right in no step near the current one."""
        right = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(code for number in range(10) if (code := f"{number:06d}") not in right)


class Person:
    """A signed-in user who has an authenticator app and backup codes."""

    def __init__(self, server: TestServer, browser: Browser, app: AuthenticatorApp, codes: list[str]) -> None:
        self.server = server
        self.browser = browser
        self.app = app
        self.codes = codes
        self.session: JsonObject = {}

    async def user(self) -> JsonObject:
        return (await self.browser.get("/v1/me")).json()["response"]

    async def enter_password(self, browser: Browser) -> JsonObject:
        """The sign-in after its first factor, in another browser."""
        answer = await browser.post(
            "/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]

    async def attempt(self, browser: Browser, sign_in: JsonObject, **proof: Any) -> httpx.Response:
        return await browser.post(f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor", **proof)

    async def second_factor(self, strategy: str, code: str) -> httpx.Response:
        """A whole sign-in in a new browser, up to the answer to its second factor."""
        browser = self.server.browser()
        sign_in = await self.enter_password(browser)
        return await self.attempt(browser, sign_in, strategy=strategy, code=code)


async def enrolled(server: TestServer, address: str = ADA) -> Person:
    """A user who has just set up their app; the next code of it is for the next step."""
    await configure(server, SECOND_FACTORS)
    browser = server.browser()
    client = await browser.sign_up(address)
    created = (await browser.post("/v1/me/totp")).json()["response"]
    app = AuthenticatorApp(server, created["secret"])
    verified = await browser.post("/v1/me/totp/attempt_verification", code=app.code())
    assert verified.status_code == 200, verified.text
    person = Person(server, browser, app, verified.json()["response"]["backup_codes"])
    person.session = client["sessions"][0]
    server.clock.advance(seconds=30)
    return person
