"""The authorization endpoint: where it leads, and where it never leads. For `prompt` and `max_age` see
`test_new_proof.py`."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.answers import error_of
from tests.support.oauth.applications import (
    CHALLENGE,
    PKCE,
    REDIRECT_URI,
    add_application,
    ask,
    code_for,
    consent,
    query_of,
    request_of,
)
from tests.support.server import Backend, Browser, JsonObject, TestServer

ISSUER = "https://clerk.tidy-otter-42.localhost"


async def test_signed_out_user_signs_in_first_and_comes_back(server: TestServer, shop: JsonObject) -> None:
    response = await ask(server.browser(), shop, scope="email", nonce="n")

    page = urlsplit(response.headers["location"])
    back = urlsplit(parse_qs(page.query)["redirect_url"][0])
    assert response.status_code == 303
    assert (page.netloc, page.path) == ("localhost:8787", "/sign-in")
    assert (back.netloc, back.path) == ("localhost:8787", "/oauth/authorize")
    assert {name: values[0] for name, values in parse_qs(back.query).items()} == request_of(
        shop, scope="email", nonce="n"
    )


async def test_user_is_asked_for_consent_with_the_whole_request(ada: Browser, shop: JsonObject) -> None:
    response = await ask(ada, shop, scope="email")

    page = urlsplit(response.headers["location"])
    assert (page.netloc, page.path) == ("localhost:8787", "/oauth-consent")
    assert query_of(response) == request_of(shop, scope="email")


async def test_consent_leads_back_with_a_code_the_state_and_the_issuer(
    ada: Browser, shop: JsonObject
) -> None:
    response = await consent(ada, shop, state="0123 4567&x=1")

    assert response.headers["location"].startswith(REDIRECT_URI + "?")
    assert response.headers["cache-control"] == "no-store"
    answer = query_of(response)
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("0123 4567&x=1", ISSUER)
    assert len(answer["code"]) >= 43


async def test_consent_is_remembered_for_what_was_allowed(ada: Browser, shop: JsonObject) -> None:
    await code_for(ada, shop, scope="email")

    assert "code" in query_of(await ask(ada, shop, scope="email"))
    assert "/oauth-consent?" in (await ask(ada, shop, scope="email profile")).headers["location"]
    assert "/oauth-consent?" in (await ask(ada, shop, scope="email", prompt="consent")).headers["location"]
    await code_for(ada, shop, scope="profile")
    assert "code" in query_of(await ask(ada, shop, scope="email profile"))


async def test_consent_of_one_user_is_not_that_of_another(
    server: TestServer, ada: Browser, shop: JsonObject
) -> None:
    await code_for(ada, shop)
    bob = server.browser()
    await bob.sign_up("bob+clerk_test@example.com")

    assert "/oauth-consent?" in (await ask(bob, shop)).headers["location"]


async def test_consent_is_asked_each_time_where_any_program_could_take_the_answer(
    ada: Browser, backend: Backend
) -> None:
    app = await add_application(backend, public=True, redirect_uris=["com.example.shop:/callback"])
    site = await add_application(backend, public=True)
    for application in (app, site):
        await code_for(ada, application)

    assert "/oauth-consent?" in (await ask(ada, app)).headers["location"]
    assert "code" in query_of(await ask(ada, site))


async def test_application_without_a_consent_screen_gets_its_code_at_once(
    ada: Browser, backend: Backend
) -> None:
    own = await add_application(backend, consent_screen_enabled=False)

    assert "code" in query_of(await ask(ada, own))
    assert error_of(await consent(ada, own))[:2] == (422, "feature_requires_oauth2_consent_screen_enabled")


async def test_denied_consent_is_told_to_the_application(ada: Browser, shop: JsonObject) -> None:
    for said in ("false", "", "TRUE", "1"):
        answer = query_of(await consent(ada, shop, consented=said))

        assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "12345678", ISSUER)
    assert "/oauth-consent?" in (await ask(ada, shop)).headers["location"]


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/callback",
        "https://shop.example/callback/",
        "https://shop.example/callback?next=1",
        "https://shop.example/callback/../evil",
        "https://shop.example.evil.example/callback",
        "https://shop.example@evil.example/callback",
        "HTTPS://shop.example/callback",
        "https://shop.example:443/callback",
        "http://shop.example/callback",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
async def test_unregistered_redirect_uri_is_not_followed(
    server: TestServer, ada: Browser, shop: JsonObject, redirect_uri: str
) -> None:
    for browser in (server.browser(), ada):
        response = await ask(browser, shop, redirect_uri=redirect_uri, state=None)

        assert error_of(response)[:2] == (400, "redirect_uri_mismatch")
        assert "location" not in response.headers
    refused = await consent(ada, shop, redirect_uri=redirect_uri)
    assert error_of(refused)[:2] == (400, "redirect_uri_mismatch")


async def test_unknown_application_is_refused_without_a_redirect(
    server: TestServer, ada: Browser, shop: JsonObject
) -> None:
    foreign = await add_application(await server.neighbour())

    for client_id in ("client_unknown", foreign["client_id"]):
        response = await server.browser(base_url="http://clerk.tidy-otter-42.localhost:8787").get(
            "/oauth/authorize", **request_of(shop, client_id=client_id)
        )
        assert error_of(response)[:2] == (401, "oauth_client_unknown")
        assert "location" not in response.headers


async def test_person_sees_the_refusal_as_a_page_that_runs_nothing(
    server: TestServer, shop: JsonObject
) -> None:
    query = request_of(shop, client_id="<script>alert(1)</script>", redirect_uri='"><img src=x>')

    response = await server.browser().http.get(
        "/oauth/authorize", params=query, headers={"accept": "text/html,*/*;q=0.8"}
    )

    assert (response.status_code, response.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "Unknown application" in response.text
    assert "<script" not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_only_registered_uri_need_not_be_named(ada: Browser, backend: Backend) -> None:
    one = await add_application(backend, consent_screen_enabled=False)
    two = await add_application(backend, redirect_uris=[REDIRECT_URI, "https://shop.example/other"])
    none = await add_application(backend, redirect_uris=[])

    assert (await ask(ada, one, redirect_uri=None)).headers["location"].startswith(REDIRECT_URI + "?code=")
    for application in (two, none):
        refused = await ask(ada, application, redirect_uri=None)
        assert error_of(refused)[:2] == (400, "redirect_uri_mismatch")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"state": "1234567"}, "invalid_request"),
        ({"state": "x" * 2049}, "invalid_request"),
        ({"scope": "email nonsense"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),  # there is such a scope, but the application has it not
        ({"scope": "user:org:read"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "select_account"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
        ({"state": ["12345678", "87654321"]}, "invalid_request"),
        ({"scope": ["email", "profile"]}, "invalid_request"),
    ],
)
async def test_wrong_request_is_told_to_the_application(
    ada: Browser, shop: JsonObject, changes: JsonObject, error: str
) -> None:
    asked = request_of(shop, **changes)

    for response in (await ask(ada, shop, **changes), await consent(ada, shop, **changes)):
        answer = query_of(response)
        assert response.headers["location"].startswith(REDIRECT_URI + "?")
        assert (answer["error"], answer["iss"]) == (error, ISSUER)
        assert answer.get("state") == (asked.get("state") if isinstance(asked.get("state"), str) else None)
        assert "code" not in answer


async def test_repeated_redirect_uri_is_refused_without_a_redirect(ada: Browser, shop: JsonObject) -> None:
    response = await ask(ada, shop, redirect_uri=[REDIRECT_URI, "https://evil.example"])

    assert error_of(response)[:2] == (400, "redirect_uri_mismatch")


async def test_state_may_be_absent_with_pkce(ada: Browser, shop: JsonObject) -> None:
    answer = query_of(await consent(ada, shop, state=None, **PKCE))

    assert answer.keys() == {"code", "iss"}


@pytest.mark.parametrize("fields", [{"public": True}, {"pkce_required": True}])
async def test_application_that_must_use_pkce_gets_nothing_without(
    ada: Browser, backend: Backend, fields: JsonObject
) -> None:
    application = await add_application(backend, **fields)

    refused = await ask(ada, application, code_challenge=None, code_challenge_method=None)

    assert query_of(refused)["error"] == "invalid_request"
    assert "code" in query_of(await consent(ada, application, **PKCE))


async def test_application_that_takes_a_form_gets_one(ada: Browser, shop: JsonObject) -> None:
    state = '1234"><script>alert(1)</script>'

    response = await consent(ada, shop, response_mode="form_post", state=state)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<form method="post" action="{REDIRECT_URI}">' in response.text
    assert 'name="code"' in response.text
    assert "<script>alert" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"


async def test_request_may_come_as_a_form_of_another_site(server: TestServer, shop: JsonObject) -> None:
    foreign = server.browser(origin="https://shop.example")

    response = await foreign.call("POST", "/oauth/authorize", request_of(shop))
    doubled = await foreign.call("POST", "/oauth/authorize", request_of(shop, state=["12345678", "x"]))

    location = urlsplit(response.headers["location"])
    assert (response.status_code, location.netloc, location.path) == (
        303,
        "localhost:8787",
        "/oauth/authorize",
    )
    assert query_of(response) == request_of(shop)
    assert error_of(doubled)[:2] == (400, "invalid_request")


async def test_consent_needs_a_page_of_an_allowed_origin(
    server: TestServer, ada: Browser, shop: JsonObject
) -> None:
    path = f"/v1/me/oauth/consent/{shop['client_id']}"
    form = request_of(shop) | {"consented": "true"}

    foreign = await ada.call("POST", path, form, headers={"origin": "https://shop.example"})
    opaque = await ada.call("POST", path, form, headers={"origin": "null"})
    del ada.http.headers["origin"]
    absent = await ada.call("POST", path, form)

    for refused in (foreign, opaque, absent):
        assert error_of(refused)[:2] == (403, "origin_invalid")


async def test_consent_needs_a_session(server: TestServer, shop: JsonObject) -> None:
    assert error_of(await consent(server.browser(), shop))[:2] == (401, "signed_out")


async def test_consent_screen_learns_what_it_shows(ada: Browser, backend: Backend) -> None:
    shop = await add_application(backend, scopes="openid email offline_access")
    path = f"/v1/me/oauth/consent/{shop['client_id']}"

    info = (await ada.get(path, scope="openid email nonsense", redirect_uri=REDIRECT_URI)).json()
    unknown = (await ada.get(path, redirect_uri="https://evil.example/")).json()

    assert (info["oauth_application_name"], info["client_id"]) == ("Shop", shop["client_id"])
    assert info["redirect_domain"] == "shop.example"
    assert [scope["scope"] for scope in info["scopes"]] == ["openid", "email"]
    assert [scope["requires_consent"] for scope in info["scopes"]] == [False, True]
    assert all(scope["description"] for scope in info["scopes"])
    assert unknown["redirect_domain"] is None
    assert [scope["scope"] for scope in unknown["scopes"]] == ["openid", "email", "offline_access"]


async def test_consent_screen_of_others_is_not_told(
    server: TestServer, ada: Browser, shop: JsonObject, backend: Backend
) -> None:
    own = await add_application(backend, consent_screen_enabled=False)
    path = "/v1/me/oauth/consent/"

    assert error_of(await server.browser().get(path + shop["client_id"]))[:2] == (401, "signed_out")
    assert error_of(await ada.get(path + "client_unknown"))[:2] == (404, "resource_not_found")
    assert error_of(await ada.get(path + own["client_id"]))[:2] == (
        422,
        "feature_requires_oauth2_consent_screen_enabled",
    )


async def test_actor_who_acts_as_a_user_grants_nothing(
    server: TestServer, backend: Backend, shop: JsonObject
) -> None:
    user = await backend.add_user("eve@example.com")
    admin = await backend.add_user("admin@example.com")
    made = await backend.post("/v1/actor_tokens", user_id=user["id"], actor={"sub": admin["id"]})
    browser = server.browser()
    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=made.json()["token"])

    for response in (await ask(browser, shop), await consent(browser, shop)):
        assert query_of(response)["error"] == "access_denied"


async def test_application_that_lost_its_uri_is_not_answered_there(
    ada: Browser, backend: Backend, shop: JsonObject
) -> None:
    await backend.patch(f"/v1/oauth_applications/{shop['id']}", redirect_uris=["https://shop.example/new"])

    assert error_of(await consent(ada, shop))[:2] == (400, "redirect_uri_mismatch")
