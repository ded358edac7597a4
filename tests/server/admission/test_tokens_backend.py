"""Sign-in tokens and testing tokens as an application's backend makes them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.server import Backend, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_sign_in_token_comes_with_a_link_to_the_sign_in_page(backend: Backend) -> None:
    user = await backend.add_user()

    created = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()

    assert (created["status"], created["user_id"]) == ("pending", user["id"])
    link = urlsplit(created["url"])
    assert (link.netloc, link.path) == ("localhost:8787", "/sign-in")
    assert parse_qs(link.query) == {"__clerk_ticket": [created["token"]]}


async def test_sign_in_token_lasts_thirty_days_or_as_long_as_asked(
    server: TestServer, backend: Backend
) -> None:
    user = await backend.add_user()
    now = server.clock.now_ms() // 1000

    default = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()
    chosen = (await backend.post("/v1/sign_in_tokens", user_id=user["id"], expires_in_seconds=60)).json()

    assert claims_of(default["token"])["exp"] - now in (2_592_000, 2_592_001)
    assert claims_of(chosen["token"])["exp"] - now in (60, 61)


async def test_revoked_sign_in_token_does_not_sign_in(server: TestServer, backend: Backend) -> None:
    user = await backend.add_user()
    created = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()
    path = f"/v1/sign_in_tokens/{created['id']}/revoke"

    revoked = await backend.post(path)
    again = await backend.post(path)
    used = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=created["token"])

    assert revoked.json()["status"] == "revoked"
    assert "token" not in revoked.json()
    assert error_of(again)[:2] == (400, "sign_in_token_cannot_be_revoked_code")
    assert error_of(used)[:2] == (400, "ticket_invalid_code")


async def test_sign_in_token_that_cannot_be_made_is_refused(backend: Backend) -> None:
    user = await backend.add_user()

    async def refusal(**body: object) -> tuple[int, str, str | None]:
        return error_of(await backend.post("/v1/sign_in_tokens", **body))

    assert await refusal() == (422, "form_param_missing", "user_id")
    assert (await refusal(user_id="user_unknown"))[:2] == (404, "resource_not_found")
    assert (await refusal(user_id=user["id"], org_id="org_1"))[:2] == (404, "resource_not_found")
    for seconds in (0, -1, 10**12, 1.5):
        code = "form_param_type_invalid" if isinstance(seconds, float) else "form_param_format_invalid"
        refused = await refusal(user_id=user["id"], expires_in_seconds=seconds)
        assert refused == (422, code, "expires_in_seconds")
    unknown = await backend.post("/v1/sign_in_tokens/sit_unknown/revoke")
    assert error_of(unknown)[:2] == (404, "resource_not_found")


async def test_testing_token_lets_a_browser_pass_the_captcha(server: TestServer, backend: Backend) -> None:
    token = (await backend.post("/v1/testing_tokens")).json()
    browser = server.browser()
    query = {"__clerk_testing_token": token["token"]}

    passed = await browser.call("PUT", "/v1/client", query=query)
    server.clock.advance(seconds=3601)
    expired = await browser.call("GET", "/v1/client", query=query)

    assert passed.json()["response"]["captcha_bypass"] is True
    assert expired.json()["response"]["captcha_bypass"] is False
