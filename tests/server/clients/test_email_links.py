"""Links by mail: they sign in, finish sign-ups and verify addresses, once, in the browser that asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, PASSWORD, Browser, TestServer

ADA = "ada@example.com"
BACK = f"{APP_ORIGIN}/sign-in/verify?from=mail"


@pytest.fixture
async def links(server: TestServer) -> TestServer:
    """A server whose instance sends links in place of codes."""
    sent_as = {"first_factors": ["email_link"], "verifications": ["email_link"]}
    await configure(server, {"attributes": {"email_address": sent_as}})
    return server


@pytest.fixture
async def anywhere(links: TestServer) -> TestServer:
    """Links work in any browser."""
    await configure(links, {"attack_protection": {"email_link": {"require_same_client": False}}})
    return links


@pytest.fixture
async def ada(links: TestServer) -> dict[str, Any]:
    return await links.backend().create_user(ADA)


async def ask_to_sign_in(browser: Browser, *, back: str = BACK) -> str:
    """The path of a sign-in that has sent its link."""
    started = await browser.post(
        "/v1/client/sign_ins", identifier=ADA, strategy="email_link", redirect_url=back
    )
    assert started.status_code == 200, started.text
    return f"/v1/client/sign_ins/{started.json()['response']['id']}"


async def link_to(server: TestServer, address: str = ADA) -> str:
    return (await server.messages(address))[0]["links"][0]


async def follow(browser: Browser, link: str) -> dict[str, list[str]]:
    """Open a link as a mail program does: a navigation from nowhere. What the page it leads to is told."""
    request = browser.http.build_request("GET", link)
    del request.headers["origin"]
    response = await browser.http.send(request)
    assert response.status_code == 303, response.text
    assert response.headers["referrer-policy"] == "no-referrer"
    location = urlsplit(response.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == f"{APP_ORIGIN}/sign-in/verify"
    return parse_qs(location.query)


async def state_of(browser: Browser, path: str) -> dict[str, Any]:
    return (await browser.get(path)).json()["response"]


async def test_link_signs_in_in_the_browser_that_asked(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    path = await ask_to_sign_in(browser)

    told = await follow(browser, await link_to(links))

    sign_in = await state_of(browser, path)
    client = (await browser.get("/v1/client")).json()["response"]
    assert told["__clerk_status"] == ["verified"]
    assert told["__clerk_created_session"] == [client["last_active_session_id"]]
    assert told["from"] == ["mail"]
    assert sign_in["status"] == "complete"
    assert sign_in["first_factor_verification"]["verified_at_client"] == client["id"]
    assert client["sessions"][0]["user"]["id"] == ada["id"]
    assert client["last_authentication_strategy"] == "email_link"


async def test_tab_that_waits_sees_an_unopened_link(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()

    sign_in = await state_of(browser, await ask_to_sign_in(browser))

    assert sign_in["status"] == "needs_first_factor"
    assert sign_in["first_factor_verification"]["object"] == "verification_email_link"
    assert sign_in["first_factor_verification"]["status"] == "unverified"


async def test_link_works_once(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser)
    link = await link_to(links)
    await follow(browser, link)

    told = await follow(browser, link)

    assert told["__clerk_status"] == ["failed"]
    assert "__clerk_created_session" not in told
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_link_works_for_ten_minutes(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    path = await ask_to_sign_in(browser)
    link = await link_to(links)
    links.clock.advance(seconds=10 * 60)

    told = await follow(browser, link)

    assert told["__clerk_status"] == ["expired"]
    assert (await state_of(browser, path))["first_factor_verification"]["status"] == "expired"


async def test_link_opened_in_another_browser_does_not_sign_in(
    links: TestServer, ada: dict[str, Any]
) -> None:
    asking = links.browser()
    path = await ask_to_sign_in(asking)
    link = await link_to(links)

    told = await follow(links.browser(), link)

    assert told["__clerk_status"] == ["client_mismatch"]
    assert (await state_of(asking, path))["status"] == "needs_first_factor"
    assert (await follow(asking, link))["__clerk_status"] == ["verified"]


async def test_link_of_a_sign_in_that_was_replaced_fails(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser)
    link = await link_to(links)
    await ask_to_sign_in(browser)

    assert (await follow(browser, link))["__clerk_status"] == ["failed"]
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_only_the_newest_link_of_a_sign_in_works(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    path = await ask_to_sign_in(browser)
    link = await link_to(links)
    address = (await state_of(browser, path))["supported_first_factors"][1]["email_address_id"]
    await browser.post(
        f"{path}/prepare_first_factor", strategy="email_link", email_address_id=address, redirect_url=BACK
    )

    assert (await follow(browser, link))["__clerk_status"] == ["failed"]
    assert (await follow(browser, await link_to(links)))["__clerk_status"] == ["verified"]


async def test_link_of_a_banned_user_fails(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser)
    await links.backend().post(f"/v1/users/{ada['id']}/ban")

    told = await follow(browser, await link_to(links))

    assert told["__clerk_status"] == ["failed"]


async def test_unknown_link_is_refused(links: TestServer) -> None:
    response = await links.browser().get("/v1/verify", token="nonsense")

    assert error_of(response)[:2] == (400, "verification_link_token_invalid")


async def test_looking_at_a_link_does_not_open_it(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser)
    link = await link_to(links)

    assert (await browser.http.head(link)).status_code == 200
    assert (await follow(browser, link))["__clerk_status"] == ["verified"]


async def test_link_leads_to_allowed_origins_only(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    elsewhere = {"strategy": "email_link", "identifier": ADA, "redirect_url": "https://evil.example/"}

    refused = await browser.post("/v1/client/sign_ins", **elsewhere)
    missing = await browser.post("/v1/client/sign_ins", **(elsewhere | {"redirect_url": ""}))

    assert error_of(refused)[:2] == (422, "redirect_url_not_associated_with_instance")
    assert error_of(missing) == (422, "form_param_missing", "redirect_url")


async def test_link_is_no_code(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    path = await ask_to_sign_in(browser)

    response = await browser.post(f"{path}/attempt_first_factor", strategy="email_link", code="424242")

    assert error_of(response) == (422, "form_param_value_invalid", "strategy")


async def test_secret_of_the_client_changes_with_the_link(links: TestServer, ada: dict[str, Any]) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser)
    before = browser.http.cookies["__client"]

    await follow(browser, await link_to(links))

    assert browser.http.cookies["__client"] != before


async def test_link_opened_elsewhere_signs_in_where_it_was_asked_for(
    anywhere: TestServer, ada: dict[str, Any]
) -> None:
    asking, phone = anywhere.browser(), anywhere.browser()
    path = await ask_to_sign_in(asking)
    before = asking.http.cookies["__client"]

    told = await follow(phone, await link_to(anywhere))

    waiting = await state_of(asking, path)
    assert told["__clerk_status"] == ["verified"]
    assert waiting["status"] == "complete"
    assert "verified_at_client" not in waiting["first_factor_verification"]
    assert asking.http.cookies["__client"] != before
    assert "__client" not in phone.http.cookies
    me = await asking.get("/v1/me")
    assert me.json()["response"]["id"] == ada["id"]
    assert (await phone.get("/v1/me")).status_code == 401


async def test_sign_up_is_finished_by_its_link(links: TestServer) -> None:
    browser = links.browser()
    created = await browser.post("/v1/client/sign_ups", email_address="bob@example.com", password=PASSWORD)
    path = f"/v1/client/sign_ups/{created.json()['response']['id']}"
    prepared = await browser.post(f"{path}/prepare_verification", strategy="email_link", redirect_url=BACK)

    told = await follow(browser, await link_to(links, "bob@example.com"))

    shown = prepared.json()["response"]["verifications"]["email_address"]
    assert shown["status"] == "unverified"
    assert shown["supported_strategies"] == ["email_link"]
    client = (await browser.get("/v1/client")).json()["response"]
    assert told["__clerk_status"] == ["verified"]
    assert told["__clerk_created_session"] == [client["last_active_session_id"]]
    assert (await state_of(browser, path))["status"] == "complete"
    assert client["sessions"][0]["user"]["email_addresses"][0]["verification"]["strategy"] == "email_link"


async def test_sign_up_that_lacks_something_is_verified_without_a_session(links: TestServer) -> None:
    browser = links.browser()
    created = await browser.post("/v1/client/sign_ups", email_address="bob@example.com")
    path = f"/v1/client/sign_ups/{created.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_link", redirect_url=BACK)

    told = await follow(browser, await link_to(links, "bob@example.com"))
    finished = await browser.patch(path, password=PASSWORD)

    assert told == {"from": ["mail"], "__clerk_status": ["verified"]}
    assert finished.json()["response"]["status"] == "complete"


async def test_own_address_is_verified_by_its_link(links: TestServer) -> None:
    browser = links.browser()
    await links.backend().create_user(ADA)
    await browser.sign_in(ADA)
    added = await browser.post("/v1/me/email_addresses", email_address="ada.two@example.com")
    path = f"/v1/me/email_addresses/{added.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_link", redirect_url=BACK)

    told = await follow(browser, await link_to(links, "ada.two@example.com"))

    assert told["__clerk_status"] == ["verified"]
    shown = (await browser.get(path)).json()["response"]["verification"]
    assert (shown["status"], shown["strategy"]) == ("verified", "email_link")


async def test_test_addresses_are_sent_links_too(links: TestServer) -> None:
    await links.backend().create_user("tess+clerk_test@example.com")

    started = await links.browser().post(
        "/v1/client/sign_ins",
        identifier="tess+clerk_test@example.com",
        strategy="email_link",
        redirect_url=BACK,
    )

    assert started.status_code == 200
    assert "/v1/verify?token=" in await link_to(links, "tess+clerk_test@example.com")


async def test_mail_says_where_the_link_works(links: TestServer, ada: dict[str, Any]) -> None:
    await ask_to_sign_in(links.browser())

    mail = (await links.messages(ADA))[0]

    assert "sign-in link" in mail["subject"]
    assert mail["code"] is None
    assert len(mail["links"]) == 1


async def test_link_leads_to_the_very_address_that_the_application_named(
    links: TestServer, ada: dict[str, Any]
) -> None:
    browser = links.browser()
    await ask_to_sign_in(browser, back=f"{APP_ORIGIN}/日本/%E9?flag&q=%E9&q=&z=ü")

    request = browser.http.build_request("GET", await link_to(links))
    del request.headers["origin"]
    response = await browser.http.send(request)

    url, _, query = response.headers["location"].partition("?")
    assert (response.status_code, url) == (303, f"{APP_ORIGIN}/%E6%97%A5%E6%9C%AC/%E9")
    assert query.startswith("flag&q=%E9&q=&z=%C3%BC&__clerk_status=")
