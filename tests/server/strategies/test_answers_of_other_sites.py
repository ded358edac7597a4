"""A browser that a strategy of another package has sent to another site comes back by `/v1/oauth_callback`:
once, itself, and to what it was in the middle of."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.server.strategies.trips_to_other_sites import (
    AWAY,
    CALLED,
    DONE,
    PAGER,
    UNPUBLISHED,
    begin_sign_in,
    begin_sign_up,
    browser_of,
    come_back,
    resource,
    sessions_of,
    sign_in_of,
    sign_up,
    state_in,
)
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, Browser, TestServer


async def test_sign_up_completes_and_the_browser_is_where_the_application_wanted_it(
    pagers: TestServer,
) -> None:
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser)
    before = browser.http.cookies["__client"]

    url, added = await come_back(browser, state_in(begun["verifications"]["pager"]))

    (session,) = await sessions_of(browser)
    assert url == DONE
    assert list(added) == ["__clerk_db_jwt"]  # of development
    assert browser.http.cookies["__client"] != before
    assert [pager["pager"] for pager in session["user"]["pagers"]] == [PAGER]


async def test_sign_up_that_lacks_something_goes_on_at_the_callback_page(pagers: TestServer) -> None:
    await configure(pagers, {"attributes": {"first_name": {"required": True}}})
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser)

    url, added = await come_back(browser, state_in(begun["verifications"]["pager"]))

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))
    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "verified"})
    assert (shown["status"], shown["missing_fields"]) == ("missing_requirements", ["first_name"])
    assert shown["verifications"]["pager"]["status"] == "verified"


async def test_sign_in_completes(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)

    url, _ = await come_back(browser, state_in(begun["first_factor_verification"]))

    (session,) = await sessions_of(browser)
    assert url == DONE
    assert session["user"]["pagers"][0]["pager"] == PAGER


async def test_sign_in_waits_for_its_second_factor_which_comes_back_too(pagers: TestServer) -> None:
    await sign_up(pagers)
    await configure(pagers, {"attributes": {"others": {"pager": {"second_factors": ["pager_call"]}}}})
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)

    url, _ = await come_back(browser, state_in(begun["first_factor_verification"]))
    waiting = await sign_in_of(browser, begun)
    path = f"/v1/client/sign_ins/{begun['id']}/prepare_second_factor"
    prepared = resource(await browser.post(path, **CALLED))
    done, _ = await come_back(browser, state_in(prepared["second_factor_verification"]))

    assert (url, waiting["status"]) == (f"{APP_ORIGIN}/sso-callback", "needs_second_factor")
    assert done == DONE
    (session,) = await sessions_of(browser)
    assert session["factor_verification_age"] == [0, 0]


async def test_site_that_says_who_signs_in_signs_them_in(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_login", **AWAY))

    url, _ = await come_back(browser, state_in(begun["first_factor_verification"]), pager=PAGER)

    assert url == DONE
    assert (await sessions_of(browser))[0]["user"]["pagers"][0]["pager"] == PAGER


async def test_person_whom_no_user_is_may_sign_up_with_what_the_site_said(pagers: TestServer) -> None:
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_login", **AWAY))

    url, added = await come_back(browser, state_in(begun["first_factor_verification"]), pager=PAGER)
    verification = (await sign_in_of(browser, begun))["first_factor_verification"]
    done = resource(await browser.post("/v1/client/sign_ups", transfer="true"))

    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "transferable"})
    assert (verification["status"], verification["error"]["code"]) == (
        "transferable",
        "external_account_not_found",
    )
    assert (done["status"], done["pager"]) == ("complete", PAGER)
    assert "error" not in done["verifications"]["pager"]


async def test_sign_up_is_not_offered_where_there_is_none(pagers: TestServer) -> None:
    await configure(pagers, {"sign_up": {"mode": "restricted"}})
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_login", **AWAY))

    _, added = await come_back(browser, state_in(begun["first_factor_verification"]), pager=PAGER)

    verification = (await sign_in_of(browser, begun))["first_factor_verification"]
    assert added == {"__clerk_status": "failed"}
    assert (verification["status"], verification["error"]["code"]) == ("failed", "external_account_not_found")


async def test_answer_that_does_not_say_who_it_is_about_proves_nothing(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_login", **AWAY))

    _, added = await come_back(browser, state_in(begun["first_factor_verification"]))

    assert added == {"__clerk_status": "failed"}
    assert await sessions_of(browser) == []


async def add_an_address(server: TestServer) -> tuple[Browser, str, str]:
    """A browser whose user has added an address, its path, and the state of its verification."""
    await configure(server, {"attributes": {"email_address": {"verifications": ["address_call"]}}})
    browser = await sign_up(server)
    added = resource(await browser.post("/v1/me/email_addresses", email_address="ada@example.com"))
    path = f"/v1/me/email_addresses/{added['id']}"
    asked = AWAY | {"strategy": "address_call"}
    prepared = resource(await browser.post(f"{path}/prepare_verification", **asked))
    return browser, path, state_in(prepared["verification"])


async def test_own_identification_is_verified_and_the_browser_is_where_it_was(pagers: TestServer) -> None:
    browser, path, state = await add_an_address(pagers)

    url, added = await come_back(browser, state)

    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "verified"})
    assert resource(await browser.get(path))["verification"]["status"] == "verified"


async def test_failed_identification_stays_with_the_reason(pagers: TestServer) -> None:
    browser, path, state = await add_an_address(pagers)

    await come_back(browser, state, error="access_denied")

    verification = resource(await browser.get(path))["verification"]
    assert (verification["status"], verification["error"]["code"]) == ("failed", "oauth_access_denied")


async def test_identification_of_a_user_who_has_left_the_browser_is_not_verified(pagers: TestServer) -> None:
    browser, _, state = await add_an_address(pagers)
    await browser.delete("/v1/client/sessions")

    _, added = await come_back(browser, state)

    (user,) = (await pagers.backend(version=UNPUBLISHED).get("/v1/users")).json()
    assert added == {"__clerk_status": "failed"}
    assert [one["verification"]["status"] for one in user["email_addresses"]] == ["failed"]


async def test_reverification_goes_on(pagers: TestServer) -> None:
    browser = await sign_up(pagers)
    (session,) = await sessions_of(browser)
    pagers.clock.advance(seconds=3600)
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="first_factor")
    prepared = resource(await browser.post(f"{path}/prepare_first_factor", **CALLED))

    url, added = await come_back(browser, state_in(prepared["first_factor_verification"]))

    (session,) = await sessions_of(browser)
    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "verified"})
    assert session["factor_verification_age"][0] == 0


async def test_second_factor_of_a_reverification_goes_on(pagers: TestServer) -> None:
    await configure(pagers, {"attributes": {"others": {"pager": {"second_factors": ["pager_call"]}}}})
    browser = await sign_up(pagers)
    (session,) = await sessions_of(browser)
    pagers.clock.advance(seconds=3600)
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="second_factor")
    prepared = resource(await browser.post(f"{path}/prepare_second_factor", **CALLED))

    url, added = await come_back(browser, state_in(prepared["second_factor_verification"]))

    (session,) = await sessions_of(browser)
    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "verified"})
    assert session["factor_verification_age"][1] == 0


async def test_reverification_that_was_begun_anew_takes_no_older_answer(pagers: TestServer) -> None:
    browser = await sign_up(pagers)
    (session,) = await sessions_of(browser)
    pagers.clock.advance(seconds=3600)
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="first_factor")
    prepared = resource(await browser.post(f"{path}/prepare_first_factor", **CALLED))
    await browser.post(path, level="first_factor")

    _, added = await come_back(browser, state_in(prepared["first_factor_verification"]))

    assert added == {"__clerk_status": "failed"}
    assert (await sessions_of(browser))[0]["factor_verification_age"][0] >= 60


async def test_session_that_is_over_is_not_reverified(pagers: TestServer) -> None:
    browser = await sign_up(pagers)
    (session,) = await sessions_of(browser)
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="first_factor")
    prepared = resource(await browser.post(f"{path}/prepare_first_factor", **CALLED))
    await pagers.backend().post(f"/v1/sessions/{session['id']}/revoke")

    _, added = await come_back(browser, state_in(prepared["first_factor_verification"]))

    assert added == {"__clerk_status": "failed"}


async def post_form(browser: Browser, origin: str | None, **answer: str) -> httpx.Response:
    """As the page of another site sends it: without our cookies."""
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    request = browser.http.build_request(
        "POST", "/v1/oauth_callback", content=urlencode(answer), headers=headers
    )
    del request.headers["origin"]
    request.headers.pop("cookie", None)
    if origin is not None:
        request.headers["origin"] = origin
    return await browser.http.send(request)


@pytest.mark.parametrize("origin", ["https://pagers.example", "null", None])
async def test_site_may_answer_by_a_form_of_its_own(pagers: TestServer, origin: str | None) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    state = state_in(begun["first_factor_verification"])

    posted = await post_form(browser, origin, state=state, confirmed="true", user='{"name":"Ada & Eve"}')
    meanwhile = await sessions_of(browser)
    request = browser.http.build_request("GET", posted.headers["location"])
    del request.headers["origin"]
    followed = await browser.http.send(request)

    assert posted.status_code == 303
    assert "set-cookie" not in posted.headers
    assert "access-control-allow-origin" not in posted.headers
    assert parse_qs(urlsplit(posted.headers["location"]).query)["user"] == ['{"name":"Ada & Eve"}']
    assert meanwhile == []
    assert followed.headers["location"].startswith(DONE)


async def test_form_that_fits_into_no_url_is_dropped(pagers: TestServer) -> None:
    response = await post_form(browser_of(pagers), None, state="x", code="y" * 9000)

    assert (response.status_code, response.headers["location"]) == (
        303,
        "http://localhost:8787/v1/oauth_callback?",
    )
