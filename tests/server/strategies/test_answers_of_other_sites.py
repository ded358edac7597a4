"""A browser that a strategy of another package has sent to another site comes back by `/v1/oauth_callback`:
once, itself, and to what it was in the middle of."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, Browser, TestServer

UNPUBLISHED = "2025-11-10"
"""A date whose contract is not checked: it lists names of strategies, and pagers have none."""
PAGER = "P-1234"
BACK, DONE = f"{APP_ORIGIN}/sso-callback?from=pager", f"{APP_ORIGIN}/done"
AWAY = {"redirect_url": BACK, "action_complete_redirect_url": DONE}
CALLED = {"strategy": "pager_call", **AWAY}


def browser_of(server: TestServer) -> Browser:
    return server.browser(version=UNPUBLISHED)


def resource(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return response.json()["response"]


def state_in(verification: dict[str, Any]) -> str:
    """As the other site gets it from the browser that is sent there."""
    return parse_qs(urlsplit(verification["external_verification_redirect_url"]).query)["state"][0]


async def come_back(browser: Browser, state: str, **answer: str) -> tuple[str, dict[str, str]]:
    """The page to which the browser is led, and the query that is added to it."""
    answer = {"state": state, "confirmed": "true"} | answer
    request = browser.http.build_request("GET", "/v1/oauth_callback", params=answer)
    del request.headers["origin"]
    response = await browser.http.send(request)
    assert response.status_code == 303, response.text
    assert (response.headers["cache-control"], response.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )
    url, _, query = response.headers["location"].partition("?")
    added = {name: values[0] for name, values in parse_qs(query).items() if name != "from"}
    return url, added


async def begin_sign_up(browser: Browser, **fields: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ups", pager=PAGER, **CALLED, **fields))


async def sign_up(server: TestServer) -> Browser:
    """A browser in which the user with the pager has signed up."""
    browser = browser_of(server)
    begun = await begin_sign_up(browser)
    await come_back(browser, state_in(begun["verifications"]["pager"]))
    return browser


async def begin_sign_in(browser: Browser, **fields: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ins", **{"identifier": PAGER, **CALLED, **fields}))


async def sessions_of(browser: Browser) -> list[dict[str, Any]]:
    return (await browser.get("/v1/client")).json()["response"]["sessions"]


async def sign_in_of(browser: Browser, sign_in: dict[str, Any]) -> dict[str, Any]:
    return resource(await browser.get(f"/v1/client/sign_ins/{sign_in['id']}"))


async def test_sign_up_completes_and_the_browser_is_where_the_application_wanted_it(
    pagers: TestServer,
) -> None:
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser)
    before = browser.http.cookies["__client"]

    url, added = await come_back(browser, state_in(begun["verifications"]["pager"]))

    (session,) = await sessions_of(browser)
    assert url == DONE
    assert added == {}
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


async def test_answer_in_another_browser_is_refused_and_not_used_up(pagers: TestServer) -> None:
    """An attacker's answer, in the browser of a victim."""
    await sign_up(pagers)
    asking, victim = browser_of(pagers), browser_of(pagers)
    begun = await begin_sign_in(asking)
    await victim.call("PUT", "/v1/client")
    state = state_in(begun["first_factor_verification"])

    of_victim = await come_back(victim, state)
    of_stranger = await come_back(browser_of(pagers), state)
    mine, _ = await come_back(asking, state)

    assert of_victim == of_stranger == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "client_mismatch"})
    assert await sessions_of(victim) == []
    assert mine == DONE


async def test_state_is_good_for_one_answer_whatever_came_of_it(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    state = state_in(begun["first_factor_verification"])

    _, denied = await come_back(browser, state, error="access_denied")
    _, again = await come_back(browser, state)

    verification = (await sign_in_of(browser, begun))["first_factor_verification"]
    assert denied == again == {"__clerk_status": "failed"}
    assert (verification["status"], verification["error"]["code"]) == ("failed", "oauth_access_denied")
    assert await sessions_of(browser) == []


async def test_of_parallel_answers_one_signs_in(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    state = state_in(begun["first_factor_verification"])

    came = await asyncio.gather(*(come_back(browser, state) for _ in range(5)))

    assert sorted(added.get("__clerk_status", "signed in") for _, added in came) == ["failed"] * 4 + [
        "signed in"
    ]


async def test_late_answer_is_expired(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    pagers.clock.advance(seconds=600)

    _, added = await come_back(browser, state_in(begun["first_factor_verification"]))

    assert added == {"__clerk_status": "expired"}


async def test_answer_for_a_sign_in_that_was_replaced_fails(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    await begin_sign_in(browser)

    _, added = await come_back(browser, state_in(begun["first_factor_verification"]))

    assert added == {"__clerk_status": "failed"}
    assert await sessions_of(browser) == []


async def test_page_is_told_why_a_user_may_not_sign_in(pagers: TestServer) -> None:
    done = await sign_up(pagers)
    user_id = (await sessions_of(done))[0]["user"]["id"]
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    await pagers.backend().post(f"/v1/users/{user_id}/ban")

    url, added = await come_back(browser, state_in(begun["first_factor_verification"]))

    verification = (await sign_in_of(browser, begun))["first_factor_verification"]
    assert (url, added) == (f"{APP_ORIGIN}/sso-callback", {"__clerk_status": "failed"})
    assert (verification["status"], verification["error"]["code"]) == ("failed", "user_banned")


async def test_page_is_told_that_the_user_is_signed_in_already(pagers: TestServer) -> None:
    browser = await sign_up(pagers)
    await configure(pagers, {"session": {"single_session": False}})
    (session,) = await sessions_of(browser)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_login", **AWAY))

    await come_back(browser, state_in(begun["first_factor_verification"]), pager=PAGER)

    error = (await sign_in_of(browser, begun))["first_factor_verification"]["error"]
    assert (error["code"], error["meta"]) == ("identifier_already_signed_in", {"session_id": session["id"]})


@pytest.mark.parametrize(
    "query", [{}, {"state": ""}, {"state": "nonsense"}, {"code": "4/0Ab", "state": "x" * 5000}]
)
async def test_answer_for_which_nothing_waits_is_refused(pagers: TestServer, query: dict[str, str]) -> None:
    response = await pagers.browser().get("/v1/oauth_callback", **query)

    assert error_of(response)[:2] == (400, "oauth_callback_invalid")


async def test_looking_at_the_url_of_an_answer_uses_nothing_up(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    state = state_in(begun["first_factor_verification"])

    looked = await browser.http.head("/v1/oauth_callback", params={"state": state, "confirmed": "true"})
    url, _ = await come_back(browser, state)

    assert (looked.status_code, url) == (200, DONE)


async def test_browser_is_sent_to_allowed_origins_only(pagers: TestServer) -> None:
    fields = {"identifier": PAGER, **CALLED, "action_complete_redirect_url": "https://evil.example/"}
    await sign_up(pagers)

    response = await browser_of(pagers).post("/v1/client/sign_ins", **fields)

    assert error_of(response)[:2] == (422, "redirect_url_not_associated_with_instance")


async def test_state_of_another_instance_is_unknown(pagers: TestServer) -> None:
    await sign_up(pagers)
    begun = await begin_sign_in(browser_of(pagers))
    await pagers.neighbour()
    elsewhere = pagers.browser(base_url="http://clerk.next-door-7.localhost", version=UNPUBLISHED)

    response = await elsewhere.get("/v1/oauth_callback", state=state_in(begun["first_factor_verification"]))

    assert error_of(response)[:2] == (400, "oauth_callback_invalid")


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


async def test_other_methods_of_another_site_stay_refused(pagers: TestServer) -> None:
    response = await browser_of(pagers).http.post(
        "/v1/oauth_callback", params={"_method": "PATCH"}, headers={"origin": "https://pagers.example"}
    )

    assert error_of(response)[:2] == (403, "origin_invalid")


async def test_answer_leaves_no_state_in_what_the_page_is_told(pagers: TestServer) -> None:
    await sign_up(pagers)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser)
    state = state_in(begun["first_factor_verification"])

    url, added = await come_back(browser, state, code="4/0AbCd")

    assert state not in f"{url}{added}"
    assert "4/0AbCd" not in f"{url}{added}"


async def test_hidden_accounts_stay_hidden_until_the_site_has_answered(pagers: TestServer) -> None:
    await sign_up(pagers)
    await configure(pagers, {"attack_protection": {"enumeration_protection": True}})
    known, unknown = browser_of(pagers), browser_of(pagers)
    of_known = await begin_sign_in(known)
    of_unknown = await begin_sign_in(unknown, identifier="P-5678")

    url, _ = await come_back(known, state_in(of_known["first_factor_verification"]))
    _, added = await come_back(unknown, state_in(of_unknown["first_factor_verification"]))

    assert of_known["first_factor_verification"].keys() == of_unknown["first_factor_verification"].keys()
    assert url == DONE
    assert added == {"__clerk_status": "failed"}
    assert await sessions_of(unknown) == []
