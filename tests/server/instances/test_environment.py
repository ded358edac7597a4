"""The environment that the browser SDK reads first, and the public keys."""

from __future__ import annotations

from greffier.sdk.keys import decode_publishable_key
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, PUBLISHABLE_KEY, TestServer


async def test_environment_says_what_sign_up_needs(server: TestServer) -> None:
    environment = (await server.browser().get("/v1/environment")).json()

    attributes = environment["user_settings"]["attributes"]
    assert attributes["email_address"]["required"] is True
    assert attributes["email_address"]["verify_at_sign_up"] is True
    assert attributes["phone_number"]["enabled"] is False
    assert environment["auth_config"]["single_session_mode"] is True


async def test_development_browser_asks_by_patch_and_gets_the_same(server: TestServer) -> None:
    browser = server.browser()

    read = await browser.get("/v1/environment")
    patched = await browser.patch("/v1/environment")

    assert patched.json() == read.json()


async def test_urls_lead_to_the_hosted_pages_and_back_to_the_application(server: TestServer) -> None:
    display = (await server.browser().get("/v1/environment")).json()["display_config"]

    assert display["sign_in_url"] == "http://localhost:8787/sign-in"
    assert display["after_sign_in_url"] == APP_ORIGIN


async def test_instance_says_where_its_pages_lead_and_what_they_show(server: TestServer) -> None:
    urls = {"after_sign_in": "https://app.example.com/orders", "terms": "https://example.com/terms"}
    await configure(server, {"urls": urls, "support_email": "help@example.com"})
    browser = server.browser()

    display = (await browser.get("/v1/environment")).json()["display_config"]
    portal = (await browser.get("/v1/account_portal")).json()

    assert display["after_sign_in_url"] == portal["after_sign_in_url"] == "https://app.example.com/orders"
    assert display["after_sign_up_url"] == portal["after_sign_up_url"] == APP_ORIGIN
    assert (display["terms_url"], display["privacy_policy_url"]) == ("https://example.com/terms", None)
    assert display["support_email"] == "help@example.com"


async def test_jwks_is_rsa_2048(server: TestServer) -> None:
    keys = (await server.browser().get("/.well-known/jwks.json")).json()["keys"]

    assert len(keys) == 1
    assert (keys[0]["kty"], keys[0]["alg"], keys[0]["e"]) == ("RSA", "RS256", "AQAB")
    assert len(keys[0]["n"]) == 342  # 256 bytes
    assert "d" not in keys[0]


async def test_both_faces_publish_the_same_keys(server: TestServer) -> None:
    frontend = (await server.browser().get("/.well-known/jwks.json")).json()

    assert (await server.backend().get("/v1/jwks")).json() == frontend
    assert (await server.backend(secret_key=None).get("/v1/jwks")).json() == frontend


async def test_issuer_is_the_host_of_the_key(server: TestServer) -> None:
    configuration = (await server.browser().get("/.well-known/openid-configuration")).json()

    assert configuration["issuer"] == f"https://{decode_publishable_key(PUBLISHABLE_KEY).frontend_api}"
    assert configuration["jwks_uri"] == "http://localhost:8787/.well-known/jwks.json"


async def test_health(server: TestServer) -> None:
    assert (await server.browser().get("/v1/health")).json() == {"status": "healthy"}


async def test_urls_of_production_are_https_of_its_own_host_whatever_the_request_says(
    production: TestServer,
) -> None:
    browser = production.browser(origin="https://app.example.com", base_url="http://clerk.example.com:8080")

    display = (await browser.get("/v1/environment")).json()["display_config"]

    assert display["sign_in_url"] == "https://clerk.example.com/sign-in"
