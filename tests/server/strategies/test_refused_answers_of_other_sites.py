"""Answers of another site that verify nothing: used before, too late, in another browser, or for nothing."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.strategies.trips_to_other_sites import (
    AWAY,
    CALLED,
    DONE,
    PAGER,
    UNPUBLISHED,
    begin_sign_in,
    browser_of,
    come_back,
    resource,
    sessions_of,
    sign_in_of,
    sign_up,
    state_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, TestServer


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

    verification = (await sign_in_of(browser, begun))["first_factor_verification"]
    assert added == {"__clerk_status": "expired"}
    assert (verification["status"], verification["error"]["code"]) == ("expired", "verification_expired")


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


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/v1/oauth_callback?state=nonsense", "../sign-in"),
        ("/v1/verify?token=nonsense", "../sign-in"),
        ("/v1/tickets/accept?ticket=nonsense", "../../sign-in"),
    ],
)
async def test_person_is_told_on_a_page_that_leads_on(pagers: TestServer, path: str, link: str) -> None:
    accept = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    response = await pagers.browser().http.get(path, headers=accept)

    assert response.status_code == 400
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert f'<a href="{link}">Sign in</a>' in response.text
    assert "nonsense" not in response.text


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
