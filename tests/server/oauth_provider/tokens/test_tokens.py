"""The token endpoint: codes and refresh tokens, exchanged once by whom they were made for."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from greffier.server.oauth_provider.queries import FIND_TOKEN
from tests.support.answers import claims_of
from tests.support.configuring import configure
from tests.support.oauth.applications import (
    PKCE,
    REDIRECT_URI,
    VERIFIER,
    Client,
    add_application,
    code_for,
    refusal,
    works,
)
from tests.support.server import Backend, Browser, JsonObject, TestServer

DAY = 86_400
ISSUER = "https://clerk.tidy-otter-42.localhost"


async def test_code_is_exchanged_for_an_opaque_token(client: Client, ada: Browser, backend: Backend) -> None:
    response = await client.exchange(await code_for(ada, client.application, scope="email"))

    tokens = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert tokens["access_token"].startswith("oat_")
    assert tokens["refresh_token"]
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", DAY, "email")
    assert "id_token" not in tokens
    assert await works(backend, tokens["access_token"])


async def test_client_may_prove_itself_in_the_body(
    server: TestServer, client: Client, ada: Browser, shop: JsonObject
) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": await code_for(ada, shop),
        "redirect_uri": REDIRECT_URI,
        "client_id": shop["client_id"],
        "client_secret": shop["client_secret"],
    }

    response = await server.browser(origin=None).call("POST", "/oauth/token", form)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [("{id}", "wrong"), ("{id}", ""), ("client_unknown", "{secret}"), ("", ""), ("{id}", "{secret}x")],
)
async def test_wrong_client_gets_nothing_and_the_code_stays_good(
    server: TestServer,
    client: Client,
    ada: Browser,
    shop: JsonObject,
    client_id: str,
    client_secret: str,
) -> None:
    known = {"id": shop["client_id"], "secret": shop["client_secret"]}
    pair = f"{client_id.format(**known)}:{client_secret.format(**known)}"
    code = await code_for(ada, shop)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}

    basic = {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    response = await server.browser(origin=None).call("POST", "/oauth/token", form, headers=basic)

    assert refusal(response) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic")
    assert (await client.exchange(code)).status_code == 200


async def test_malformed_credentials_are_refused(server: TestServer, shop: JsonObject) -> None:
    pairs = [b"\xff:x", b"\0:x", b"a%00:x", b"%FF:%FF", b":", b""]
    headers = [b"Basic", b"Basic !!!", b"Basic \xe9", *(b"Basic " + base64.b64encode(pair) for pair in pairs)]
    for header in headers:
        response = await server.browser(origin=None).http.post(
            "/oauth/token", data={"grant_type": "refresh_token"}, headers={b"authorization": header}
        )
        assert refusal(response) == (401, "invalid_client")


async def test_client_that_proves_itself_in_two_ways_is_refused(client: Client, shop: JsonObject) -> None:
    twice = await client.exchange("code", client_secret=shop["client_secret"])
    other = await client.exchange("code", client_id="client_other")

    assert refusal(twice) == refusal(other) == (400, "invalid_request")


async def test_rotated_secret_ends_the_former_one(
    server: TestServer, client: Client, ada: Browser, backend: Backend, shop: JsonObject
) -> None:
    rotated = await backend.post(f"/v1/oauth_applications/{shop['id']}/rotate_secret")

    code = await code_for(ada, shop)
    assert refusal(await client.exchange(code)) == (401, "invalid_client")
    assert (await Client(server, rotated.json()).exchange(code)).status_code == 200


async def test_second_use_of_a_code_ends_what_came_of_the_first(
    client: Client, ada: Browser, backend: Backend
) -> None:
    code = await code_for(ada, client.application)
    tokens = (await client.exchange(code)).json()
    assert await works(backend, tokens["access_token"])

    assert refusal(await client.exchange(code)) == (400, "invalid_grant")

    assert not await works(backend, tokens["access_token"])
    assert refusal(await client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_code_that_is_exchanged_in_parallel_leaves_no_valid_token(
    client: Client, ada: Browser, backend: Backend
) -> None:
    code = await code_for(ada, client.application)

    answers = await asyncio.gather(*(client.exchange(code) for _ in range(6)))

    first = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert len(first) == 1
    assert not await works(backend, first[0])


async def test_code_of_another_application_is_refused_and_stays_good(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    other = Client(server, await add_application(backend, "Other"))
    code = await code_for(ada, client.application)

    assert refusal(await other.exchange(code)) == (400, "invalid_grant")
    assert (await client.exchange(code)).status_code == 200


async def test_code_lives_ten_minutes(server: TestServer, client: Client, ada: Browser) -> None:
    late, soon = [await code_for(ada, client.application) for _ in range(2)]

    server.clock.advance(seconds=599)
    assert (await client.exchange(soon)).status_code == 200
    server.clock.advance(seconds=1)
    assert refusal(await client.exchange(late)) == (400, "invalid_grant")


async def test_exchange_names_the_redirect_uri_of_the_request(client: Client, ada: Browser) -> None:
    code = await code_for(ada, client.application)

    for wrong in ("https://shop.example/", REDIRECT_URI + "?x=1", None):
        assert refusal(await client.exchange(code, redirect_uri=wrong)) == (400, "invalid_grant")
    assert (await client.exchange(code)).status_code == 200


async def test_exchange_may_leave_it_out_if_the_request_did(client: Client, ada: Browser) -> None:
    code = await code_for(ada, client.application, redirect_uri=None)

    assert (await client.exchange(code, redirect_uri=None)).status_code == 200


@pytest.mark.parametrize("verifier", [None, "x" * 43, VERIFIER + "x", VERIFIER[:-1], "é" * 43, "short"])
async def test_code_with_a_challenge_needs_its_verifier(
    public: Client, ada: Browser, verifier: str | None
) -> None:
    code = await code_for(ada, public.application)

    assert refusal(await public.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")
    assert (await public.exchange(code)).status_code == 200


async def test_confidential_client_that_used_pkce_needs_the_verifier_too(
    client: Client, ada: Browser
) -> None:
    code = await code_for(ada, client.application, **PKCE)

    assert refusal(await client.exchange(code)) == (400, "invalid_grant")
    assert (await client.exchange(code, code_verifier=VERIFIER)).status_code == 200


async def test_code_without_a_challenge_is_worth_nothing_once_its_client_has_no_secret(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    code = await code_for(ada, client.application)
    path = f"/v1/oauth_applications/{client.application['id']}"

    public = (await backend.patch(path, public=True)).json() | {"client_secret": ""}

    refused = await Client(server, public).exchange(code, code_verifier=None)
    assert refusal(refused) == (400, "invalid_grant")


async def test_verifier_for_a_code_without_a_challenge_is_refused(client: Client, ada: Browser) -> None:
    code = await code_for(ada, client.application)

    assert refusal(await client.exchange(code, code_verifier=VERIFIER)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "ada"}, 401, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "ort_unknown"}, 400, "invalid_grant"),
        ({"grant_type": ["refresh_token", "refresh_token"]}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": 'a"\\b'}, 400, "invalid_grant"),
    ],
)
async def test_wrong_token_request_is_refused_in_the_shape_of_oauth(
    client: Client, form: dict[str, Any], status: int, error: str
) -> None:
    response = await client.post("/oauth/token", **form)

    assert refusal(response) == (status, error)


async def test_page_of_any_origin_may_ask_for_tokens_but_brings_no_cookie(
    server: TestServer, public: Client, ada: Browser
) -> None:
    code = await code_for(ada, public.application)
    page = server.browser(origin="https://spa.example")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": public.application["client_id"],
        "code_verifier": VERIFIER,
    }

    response = await page.call("POST", "/oauth/token", form)
    preflight = await page.http.options("/oauth/userinfo", headers={"access-control-request-method": "GET"})

    for answer in (response, preflight):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert response.status_code == 200
    assert "Authorization" in preflight.headers["access-control-allow-headers"]


async def test_access_token_lives_a_day(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    token = (await client.tokens(ada))["access_token"]

    server.clock.advance(seconds=DAY - 1)
    assert await works(backend, token)
    server.clock.advance(seconds=1)
    assert not await works(backend, token)


async def test_access_token_may_be_a_jwt(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": True}})

    token = (await client.tokens(ada, scope="email profile"))["access_token"]

    claims = claims_of(token)
    header = claims_of("." + token.split(".")[0])
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert claims["jti"].startswith("oat_")
    assert claims["client_id"] == client.application["client_id"]
    assert (claims["iss"], claims["scope"]) == (ISSUER, "email profile")
    assert "aud" not in claims
    assert claims["sub"].startswith("user_")
    assert claims["exp"] - claims["iat"] == DAY
    assert await works(backend, token)
    assert not await works(backend, token[:-4] + "AAAA")


async def test_id_token_says_who_signed_in_when_and_for_whom(
    server: TestServer, ada: Browser, backend: Backend
) -> None:
    client = Client(server, await add_application(backend, scopes="openid profile email"))

    tokens = await client.tokens(ada, scope="openid email", nonce="n-0S6")

    claims = claims_of(tokens["id_token"])
    assert (claims["iss"], claims["aud"]) == (ISSUER, client.application["client_id"])
    assert claims["nonce"] == "n-0S6"
    assert claims["exp"] - claims["iat"] == DAY
    assert claims["auth_time"] <= claims["iat"]
    assert (claims["email"], claims["email_verified"]) == ("ada+clerk_test@example.com", True)
    assert "name" not in claims
    assert claims_of("." + tokens["id_token"].split(".")[0])["typ"] == "jwt"
    refreshed = (await client.refresh(tokens["refresh_token"])).json()
    again = claims_of(refreshed["id_token"])
    assert (again["sub"], again["auth_time"]) == (claims["sub"], claims["auth_time"])
    assert "nonce" not in again


async def test_id_tokens_and_access_tokens_are_not_accepted_as_sessions(
    server: TestServer, ada: Browser, backend: Backend
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": True}, "api_keys": {"enabled": True}})
    client = Client(server, await add_application(backend, scopes="openid profile email"))
    tokens = await client.tokens(ada, scope="openid email")

    user_id = claims_of(tokens["id_token"])["sub"]
    query = {"subject": user_id}
    for token in (tokens["id_token"], tokens["access_token"]):
        bearer = {"authorization": f"Bearer {token}"}
        response = await ada.call("GET", "/api_keys", query=query, headers=bearer)
        assert response.status_code == 401


async def test_codes_and_tokens_are_kept_as_digests_only(
    server: TestServer, client: Client, ada: Browser
) -> None:
    from greffier.server.crypto.secrets import hash_secret

    tokens = await client.tokens(ada)

    async with server.app.database.transaction() as db:
        for secret in (tokens["access_token"], tokens["refresh_token"]):
            row = await db.one(
                FIND_TOKEN,
                instance_id=client.application["instance_id"],
                token_hash=hash_secret(secret),
            )
            assert row is not None
            assert secret.removeprefix("oat_").removeprefix("ort_") not in repr(row)
