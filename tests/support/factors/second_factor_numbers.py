"""People whose phone number is their second factor."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Backend, Browser, JsonObject, TestServer

ADA = "ada+clerk_test@example.com"
NUMBER = "+12015550142"
OTHER_NUMBER = "+13125550199"
ATTRIBUTES: JsonObject = {
    "phone_number": {
        "enabled": True,
        "identifier": True,
        "first_factors": ["phone_code"],
        "second_factors": ["phone_code"],
        "verifications": ["phone_code"],
    },
    "authenticator_app": {"enabled": True},
    "backup_code": {"enabled": True},
}


async def with_second_factors(server: TestServer, **changes: Any) -> None:
    await configure(server, {"attributes": ATTRIBUTES} | changes)


async def verified_number(browser: Browser, number: str = NUMBER, **fields: Any) -> JsonObject:
    """A number of the user who is signed in."""
    added = await browser.post("/v1/me/phone_numbers", phone_number=number, **fields)
    assert added.status_code == 200, added.text
    path = f"/v1/me/phone_numbers/{added.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="phone_code")
    verified = await browser.post(f"{path}/attempt_verification", code=TEST_CODE)
    assert verified.status_code == 200, verified.text
    return verified.json()["response"]


async def change(browser: Browser, number: JsonObject, **fields: Any) -> httpx.Response:
    return await browser.patch(f"/v1/me/phone_numbers/{number['id']}", **fields)


async def reserved_number(browser: Browser, number: str = NUMBER) -> JsonObject:
    """A number that is a second factor now, as the answer says it."""
    answer = await change(browser, await verified_number(browser, number), reserved_for_second_factor=True)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


async def signed_up(server: TestServer, address: str = ADA) -> Browser:
    browser = server.browser()
    await browser.sign_up(address)
    return browser


async def me(browser: Browser) -> JsonObject:
    return (await browser.get("/v1/me")).json()["response"]


async def enter_password(browser: Browser, identifier: str = ADA) -> JsonObject:
    """The sign-in after its first factor."""
    answer = await browser.post(
        "/v1/client/sign_ins", strategy="password", identifier=identifier, password=PASSWORD
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


async def attempt_by_phone(browser: Browser, sign_in: JsonObject, code: str = TEST_CODE) -> httpx.Response:
    """The answer to the second factor, for which a code was sent first."""
    path = f"/v1/client/sign_ins/{sign_in['id']}"
    prepared = await browser.post(f"{path}/prepare_second_factor", strategy="phone_code")
    assert prepared.status_code == 200, prepared.text
    return await browser.post(f"{path}/attempt_second_factor", strategy="phone_code", code=code)


async def reverify_by_phone(browser: Browser) -> None:
    """Verify the second factor once more in the session."""
    session = (await browser.get("/v1/client")).json()["response"]["sessions"][0]
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="second_factor")
    await browser.post(f"{path}/prepare_second_factor", strategy="phone_code")
    done = await browser.post(f"{path}/attempt_second_factor", strategy="phone_code", code=TEST_CODE)
    assert done.json()["response"]["status"] == "complete", done.text


async def given_number(backend: Backend, user_id: str, number: str = NUMBER, **fields: Any) -> JsonObject:
    """A verified number that a backend gave to a user."""
    body = {"user_id": user_id, "phone_number": number, "verified": True} | fields
    answer = await backend.post("/v1/phone_numbers", **body)
    assert answer.status_code == 200, answer.text
    return answer.json()
