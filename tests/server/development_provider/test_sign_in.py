"""Signing up and in with the provider that stands in for Google in development."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.server.development_provider.developer import (
    ADA,
    AWAY,
    SOCIAL,
    answer_in,
    be,
    begin,
    navigate,
    sign_up,
    user_of,
)
from tests.server.strategies.oauth.flows import BACK, DONE, client_of, land, url_in
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, TestServer


@pytest.fixture(autouse=True)
async def google(server: TestServer) -> None:
    await configure(server, SOCIAL)


async def test_provider_without_credentials_is_shown_as_any_other(server: TestServer) -> None:
    social = (await server.browser().get("/v1/environment")).json()["user_settings"]["social"]

    assert social["oauth_google"]["enabled"]
    assert social["oauth_google"]["authenticatable"]


async def test_developer_signs_up_as_the_person_they_enter(server: TestServer) -> None:
    user = await sign_up(server.browser(), **ADA, preferred_username="ada", picture="https://p.example/a.png")

    (address,), (account,) = user["email_addresses"], user["external_accounts"]
    assert (user["first_name"], user["last_name"]) == ("Ada", "Lovelace")
    assert (address["email_address"], address["verification"]["status"]) == ("ada@example.com", "verified")
    assert (account["provider"], account["username"]) == ("oauth_google", "ada")
    assert account["image_url"] == "https://p.example/a.png"
    assert account["approved_scopes"] == "openid email profile"


async def test_same_address_is_the_same_person(server: TestServer) -> None:
    user = await sign_up(server.browser())
    browser = server.browser()

    page, _ = await land(
        browser, await be(browser, await begin(browser, "sign_ins"), email="Ada@Example.com")
    )

    assert page == DONE
    assert (await user_of(browser))["id"] == user["id"]


async def test_former_person_is_chosen_and_signs_in(server: TestServer) -> None:
    user = await sign_up(server.browser())
    (account,) = user["external_accounts"]
    browser = server.browser()
    url = await begin(browser, "sign_ins")

    shown = (await navigate(browser, url)).text
    assert f'name="person" value="{account["provider_user_id"]}"' in shown
    page, _ = await land(browser, await be(browser, url, person=account["provider_user_id"]))

    assert page == DONE
    assert (await user_of(browser))["id"] == user["id"]


async def test_former_person_may_have_another_address_now(server: TestServer) -> None:
    user = await sign_up(server.browser())
    (account,) = user["external_accounts"]
    browser = server.browser()
    url = await begin(browser, "sign_ins")
    shown = (await navigate(browser, f"{url}&person={account['provider_user_id']}")).text
    assert f'placeholder="made from the address" value="{account["provider_user_id"]}"' in shown

    form = ADA | {"sub": account["provider_user_id"], "email": "countess@example.com"}
    await land(browser, await be(browser, url, **form))

    again = await user_of(browser)
    assert again["id"] == user["id"]
    assert again["external_accounts"][0]["email_address"] == "countess@example.com"


async def test_unverified_address_has_to_be_verified_here(server: TestServer) -> None:
    browser = server.browser()

    page, _ = await land(browser, await be(browser, await begin(browser), email="ada@example.com"))

    sign_up = (await client_of(browser))["sign_up"]
    assert page == BACK
    assert sign_up["unverified_fields"] == ["email_address"]


async def test_person_may_have_no_address(server: TestServer) -> None:
    browser = server.browser()

    await land(browser, await be(browser, await begin(browser), given_name="Ada", email_verified="true"))

    assert (await client_of(browser))["sign_up"]["missing_fields"] == ["email_address"]


@pytest.mark.parametrize("outcome", ["access_denied", "server_error", "temporarily_unavailable"])
async def test_refusal_is_shown_with_the_attempt(server: TestServer, outcome: str) -> None:
    browser = server.browser()

    callback = await be(browser, await begin(browser, "sign_ins"), outcome=outcome)
    page, _ = await land(browser, callback)

    assert answer_in(callback)["error"] == outcome
    assert page == BACK
    error = (await client_of(browser))["sign_in"]["first_factor_verification"]["error"]
    assert error["code"] == "oauth_access_denied"


async def test_code_may_be_refused(server: TestServer) -> None:
    browser = server.browser()

    page, _ = await land(browser, await be(browser, await begin(browser), outcome="refused_code", **ADA))

    assert page == BACK
    assert (await client_of(browser))["sign_up"]["verifications"]["external_account"]["error"]
    assert not (await client_of(browser))["sessions"]


async def test_address_that_the_application_knows_is_entered_already(server: TestServer) -> None:
    browser = server.browser()
    url = await begin(browser, "sign_ins", oidc_login_hint="grace@example.com")

    assert 'value="grace@example.com"' in (await navigate(browser, url)).text


async def test_custom_provider_is_stood_in_for_too(server: TestServer) -> None:
    entry = {
        "provider": "custom_intranet",
        "name": "Intranet",
        "enabled": True,
        "discovery_url": "https://intranet.invalid/.well-known/openid-configuration",
    }
    await configure(server, {"social": [entry]})
    browser = server.browser()
    url = await begin(browser, strategy="oauth_custom_intranet")

    assert "Intranet" in (await navigate(browser, url)).text
    await land(browser, await be(browser, url, **ADA))

    (account,) = (await user_of(browser))["external_accounts"]
    assert account["provider"] == "oauth_custom_intranet"


async def test_page_says_what_it_is_and_allows_itself_alone(server: TestServer) -> None:
    browser = server.browser()
    response = await navigate(browser, await begin(browser))

    policy = response.headers["content-security-policy"]
    assert "stands in for Google" in response.text
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cache-control"] == "no-store"


async def test_person_is_shown_as_text(server: TestServer) -> None:
    await sign_up(server.browser(), **ADA | {"given_name": "<script>alert(1)</script>"})
    browser = server.browser()

    assert "<script>alert" not in (await navigate(browser, await begin(browser))).text


@pytest.mark.parametrize(
    "form", [{"outcome": "anything"}, {"picture": "javascript:alert(1)"}, {"given_name": "x" * 201}]
)
async def test_malformed_form_is_refused(server: TestServer, form: dict[str, str]) -> None:
    browser = server.browser()
    response = await navigate(browser, await begin(browser), form)

    assert response.status_code == 422


async def test_account_is_connected(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up("grace+clerk_test@example.com")
    asked = await browser.post("/v1/me/external_accounts", strategy=AWAY["strategy"], redirect_url=BACK)
    url = asked.json()["response"]["verification"]["external_verification_redirect_url"]

    await land(browser, await be(browser, url, **ADA))

    (account,) = (await user_of(browser))["external_accounts"]
    assert account["verification"]["status"] == "verified"


async def test_application_learns_by_the_development_browser_that_the_user_is_signed_in(
    server: TestServer,
) -> None:
    browser = server.browser()

    page, said = await land(browser, await be(browser, await begin(browser), **ADA))

    assert (page, list(said)) == (DONE, ["__clerk_db_jwt"])
    elsewhere = server.browser()
    shown = await elsewhere.get("/v1/client", __clerk_db_jwt=said["__clerk_db_jwt"])
    assert len(shown.json()["response"]["sessions"]) == 1


async def test_known_development_browser_stays_the_same(server: TestServer) -> None:
    browser = server.browser()
    token = (await browser.post("/v1/dev_browser")).json()["token"]
    browser.http.cookies.set("__clerk_db_jwt", token)

    _, said = await land(browser, await be(browser, await begin(browser), **ADA))

    assert said == {"__clerk_db_jwt": token}


async def test_page_of_this_server_needs_no_development_browser(server: TestServer) -> None:
    browser = server.browser()
    url = await begin(browser, action_complete_redirect_url="http://localhost:8787/user")

    assert await land(browser, await be(browser, url, **ADA)) == ("http://localhost:8787/user", {})


async def test_application_reads_tokens_and_new_ones_when_they_have_expired(server: TestServer) -> None:
    user = await sign_up(server.browser(base_url="http://127.0.0.1:8787"))
    path = f"/v1/users/{user['id']}/oauth_access_tokens/google"
    (first,) = (await server.backend().get(path)).json()
    server.clock.advance(seconds=3601)

    (second,) = (await server.backend().get(path)).json()

    assert first["scopes"] == second["scopes"] == ["openid", "email", "profile"]
    assert first["token"] != second["token"]
    assert second["expires_at"] > server.clock.now_ms()


async def test_it_is_found_below_the_path_where_the_server_is_mounted(server: TestServer) -> None:
    app = Starlette(routes=[Mount("/__clerk", app=server.app)])
    origin = {"origin": APP_ORIGIN}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost:8787"
    ) as http:
        begun = await http.post("/__clerk/v1/client/sign_ups", data=AWAY, headers=origin)
        url = url_in(begun.json()["response"])
        assert url.startswith("http://localhost:8787/__clerk/development-provider/google/authorize?")
        answered = await http.post(url, data=ADA)
        done = await http.get(answered.headers["location"])

    assert done.headers["location"].partition("?")[0] == DONE
