"""Session tokens: their claims, the sessions that get one, and those that no longer do."""

from __future__ import annotations

import pytest

from greffier.sdk.keys import decode_publishable_key
from tests.support.answers import claims_of
from tests.support.server import APP_ORIGIN, PUBLISHABLE_KEY, TestServer


async def test_token_lives_sixty_seconds(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    claims = claims_of((await browser.token(client["last_active_session_id"])).json()["jwt"])

    assert claims["exp"] - claims["iat"] == 60


async def test_token_of_the_newest_version_says_who_where_and_how(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    session = client["sessions"][0]

    claims = claims_of((await browser.token(session["id"])).json()["jwt"])

    assert claims["iss"] == f"https://{decode_publishable_key(PUBLISHABLE_KEY).frontend_api}"
    assert claims["sub"] == session["user"]["id"]
    assert claims["sid"] == session["id"]
    assert claims["azp"] == APP_ORIGIN
    assert claims["fva"] == [0, -1]
    assert (claims["v"], claims["sts"]) == (2, "active")
    assert "aud" not in claims


async def test_token_of_an_old_version_has_the_old_claims(server: TestServer) -> None:
    client = await server.browser().sign_up()
    old = server.browser(version="2024-10-01")
    await old.sign_in()
    session_id = (await old.get("/v1/client")).json()["response"]["last_active_session_id"]

    claims = claims_of((await old.token(session_id)).json()["jwt"])

    assert claims["sub"] == client["sessions"][0]["user"]["id"]
    assert not {"v", "sts", "jti", "o", "fea", "pla"} & set(claims)


@pytest.mark.parametrize(
    ("headers", "party"),
    [
        ({"sec-fetch-site": "same-origin", "referer": f"{APP_ORIGIN}/orders?page=2"}, APP_ORIGIN),
        ({"sec-fetch-site": "same-site", "referer": f"{APP_ORIGIN}/orders"}, None),
        ({"sec-fetch-site": "same-origin"}, None),
        ({"sec-fetch-site": "same-origin", "referer": "http://[broken"}, None),
    ],
)
async def test_page_on_the_same_origin_is_the_authorized_party_without_an_origin_header(
    server: TestServer, headers: dict[str, str], party: str | None
) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    del browser.http.headers["origin"]

    response = await browser.http.post(f"/v1/client/sessions/{session_id}/tokens", headers=headers)

    assert claims_of(response.json()["jwt"]).get("azp") == party


async def test_token_answer_is_bare(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    answer = (await browser.token(client["last_active_session_id"])).json()

    assert set(answer) == {"object", "jwt"}


@pytest.mark.parametrize("ending", ["end", "remove"])
async def test_ended_session_gets_no_token(server: TestServer, ending: str) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    await browser.post(f"/v1/client/sessions/{session_id}/{ending}")

    response = await browser.token(session_id)

    assert response.status_code == 401


async def test_session_revoked_on_another_device_gets_no_token(server: TestServer) -> None:
    laptop, phone = server.browser(), server.browser()
    laptop_session = (await laptop.sign_up())["last_active_session_id"]
    phone_session = (await phone.sign_in())["last_active_session_id"]

    revoked = await laptop.post(f"/v1/me/sessions/{phone_session}/revoke")

    assert revoked.json()["response"]["status"] == "revoked"
    assert (await phone.token(phone_session)).status_code == 401
    assert (await laptop.token(laptop_session)).status_code == 200


async def test_session_of_another_client_is_not_found(server: TestServer) -> None:
    session_id = (await server.browser().sign_up("ada+clerk_test@example.com"))["last_active_session_id"]
    other = server.browser()
    await other.sign_up("eve+clerk_test@example.com")

    response = await other.token(session_id)

    assert response.status_code == 404


async def test_session_of_another_user_cannot_be_revoked(server: TestServer) -> None:
    session_id = (await server.browser().sign_up("ada+clerk_test@example.com"))["last_active_session_id"]
    other = server.browser()
    await other.sign_up("eve+clerk_test@example.com")

    response = await other.post(f"/v1/me/sessions/{session_id}/revoke")

    assert response.status_code == 404


async def test_session_ends_after_seven_days(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    server.clock.advance(seconds=7 * 24 * 3600 + 1)

    response = await browser.token(session_id)
    shown = await browser.get(f"/v1/client/sessions/{session_id}")

    assert response.status_code == 401
    assert shown.json()["response"]["status"] == "expired"


async def test_organization_of_others_is_not_found(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]

    response = await browser.post(f"/v1/client/sessions/{session_id}/tokens", organization_id="org_1")

    assert response.status_code == 404


async def test_without_a_client_there_is_no_token(server: TestServer) -> None:
    assert (await server.browser().token("sess_1")).status_code == 401
