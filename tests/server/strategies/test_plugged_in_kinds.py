"""A kind of identification and its strategies that another package brings by entry points alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from greffier.server.instances.document import SettingsError, read_settings
from tests.server.strategies import pager_package
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, Browser, TestServer

UNPUBLISHED = "2025-11-10"
"""A date whose contract is not checked: it lists names of strategies, and pagers have none."""


def browser_of(server: TestServer) -> Browser:
    return server.browser(version=UNPUBLISHED)


def resource(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return response.json()["response"]


def newest_page() -> tuple[str, str]:
    return pager_package.PAGES[-1]


async def begin_sign_up(browser: Browser, number: str, strategy: str = "pager_code") -> dict[str, Any]:
    fields = {"pager": number, "strategy": strategy, "redirect_url": f"{APP_ORIGIN}/done"}
    return resource(await browser.post("/v1/client/sign_ups", **fields))


async def attempt_sign_up(browser: Browser, sign_up: dict[str, Any], page: str) -> httpx.Response:
    path = f"/v1/client/sign_ups/{sign_up['id']}/attempt_verification"
    return await browser.post(path, strategy="pager_code", page=page)


async def sign_up(server: TestServer, number: str) -> dict[str, Any]:
    """A complete sign-up in a browser of its own."""
    browser = browser_of(server)
    done = await attempt_sign_up(browser, await begin_sign_up(browser, number), newest_page_after(number))
    return resource(done)


def newest_page_after(number: str) -> str:
    to, text = newest_page()
    assert to == number
    return text


async def begin_sign_in(browser: Browser, number: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ins", identifier=number))


async def step(browser: Browser, sign_in: dict[str, Any], name: str, **fields: Any) -> httpx.Response:
    return await browser.post(f"/v1/client/sign_ins/{sign_in['id']}/{name}", **fields)


async def test_sign_up_asks_for_what_the_package_brings(pagers: TestServer) -> None:
    begun = resource(await browser_of(pagers).post("/v1/client/sign_ups"))

    assert (begun["required_fields"], begun["missing_fields"]) == (["pager"], ["pager"])


async def test_person_signs_up_with_it(pagers: TestServer) -> None:
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser, "p-1234")
    wrong = await attempt_sign_up(browser, begun, "000000" if newest_page()[1] != "000000" else "000001")

    done = resource(await attempt_sign_up(browser, begun, newest_page()[1]))

    assert (begun["pager"], begun["unverified_fields"]) == ("P-1234", ["pager"])
    assert begun["verifications"]["pager"]["strategy"] == "pager_code"
    assert newest_page()[0] == "P-1234"
    assert error_of(wrong)[:2] == (422, "form_code_incorrect")
    assert done["status"] == "complete"
    assert done["created_session_id"]


async def test_user_signs_in_with_it(pagers: TestServer) -> None:
    signed_up = await sign_up(pagers, "P-1234")
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser, "p-1234")
    (factor,) = [one for one in begun["supported_first_factors"] if one["strategy"] == "pager_code"]

    await step(browser, begun, "prepare_first_factor", strategy="pager_code", pager_id=factor["pager_id"])
    done = await step(browser, begun, "attempt_first_factor", strategy="pager_code", page=newest_page()[1])

    assert "pager" in begun["supported_identifiers"]
    assert (factor["safe_identifier"], factor["primary"]) == ("P-1234", True)
    assert resource(done)["status"] == "complete"
    (session,) = done.json()["client"]["sessions"]
    assert session["user"]["id"] == signed_up["created_user_id"]
    assert [pager["pager"] for pager in session["user"]["pagers"]] == ["P-1234"]
    assert session["user"]["primary_pager_id"] == factor["pager_id"]
    assert session["public_user_data"]["identifier"] == "P-1234"


async def test_pager_of_another_user_is_refused(pagers: TestServer) -> None:
    await sign_up(pagers, "P-1234")
    response = await browser_of(pagers).post("/v1/client/sign_ups", pager="p-1234")

    assert error_of(response) == (422, "form_identifier_exists", "pager")


async def test_number_that_is_none_is_refused(pagers: TestServer) -> None:
    browser = browser_of(pagers)

    given = await browser.post("/v1/client/sign_ups", pager="P-one")
    entered = await browser.post("/v1/client/sign_ins", identifier="P-one")

    assert error_of(given) == (422, "form_param_format_invalid", "pager")
    assert error_of(entered) == (422, "form_param_format_invalid", "identifier")


async def test_sign_in_does_not_tell_whether_a_pager_is_taken_where_accounts_are_hidden(
    pagers: TestServer,
) -> None:
    await sign_up(pagers, "P-1234")
    await configure(pagers, {"attack_protection": {"enumeration_protection": True}})
    shown: list[dict[str, Any]] = []
    for number in ("P-1234", "P-5678"):
        browser = browser_of(pagers)
        begun = await begin_sign_in(browser, number)
        (factor,) = [one for one in begun["supported_first_factors"] if one["strategy"] == "pager_code"]
        prepared = await step(
            browser, begun, "prepare_first_factor", strategy="pager_code", pager_id=factor["pager_id"]
        )
        shown.append(resource(prepared)["first_factor_verification"])
        assert factor["safe_identifier"] == number

    assert shown[0].keys() == shown[1].keys()
    assert newest_page() == ("P-5678", "no_account")


async def test_proof_of_one_pager_is_none_of_another(pagers: TestServer) -> None:
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser, "P-1234")
    sent = newest_page()[1]
    await browser.patch(f"/v1/client/sign_ups/{begun['id']}", pager="P-5678")

    response = await attempt_sign_up(browser, begun, sent)

    assert error_of(response)[:2] == (400, "verification_missing")


async def test_browser_is_not_shown_what_a_strategy_keeps(pagers: TestServer) -> None:
    response = await browser_of(pagers).post(
        "/v1/client/sign_ups", pager="P-1234", strategy="pager_call", redirect_url=f"{APP_ORIGIN}/done"
    )

    assert "external_verification_redirect_url" in response.text
    assert "never shown" not in response.text


async def test_instance_has_strategies_of_its_own(pagers: TestServer) -> None:
    fields = {"private_metadata": {"desk": "D-1"}, "skip_user_requirement": True}
    await pagers.backend().create_user("ada+clerk_test@example.com", **fields)
    browser = browser_of(pagers)
    begun = await begin_sign_in(browser, "ada+clerk_test@example.com")
    offered = [factor["strategy"] for factor in begun["supported_first_factors"]]

    other = await step(browser, begun, "attempt_first_factor", strategy="desk_of_badger", page="D-1")
    done = await step(browser, begun, "attempt_first_factor", strategy="desk_of_otter", page="D-1")

    assert "desk_of_otter" in offered
    assert error_of(other) == (422, "form_param_value_invalid", "strategy")
    assert resource(done)["status"] == "complete"


async def test_kind_that_is_off_is_not_accepted(pagers: TestServer) -> None:
    off = {"enabled": False, "required": False, "verify_at_sign_up": False}
    await configure(pagers, {"attributes": {"others": {"pager": off}}})

    response = await browser_of(pagers).post("/v1/client/sign_ups", pager="P-1234")

    assert error_of(response)[2] == "pager"
    assert response.status_code == 422


async def test_strategy_that_says_who_signs_in_needs_no_identifier(pagers: TestServer) -> None:
    signed_up = await sign_up(pagers, "P-1234")
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_card"))

    done = await step(browser, begun, "attempt_first_factor", strategy="pager_card", page="P-1234")

    assert begun["first_factor_verification"]["nonce"] == "n-1"
    assert resource(done)["status"] == "complete"
    (session,) = done.json()["client"]["sessions"]
    assert session["user"]["id"] == signed_up["created_user_id"]


async def test_proof_of_an_unknown_user_does_not_sign_in(pagers: TestServer) -> None:
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins", strategy="pager_card"))

    response = await step(browser, begun, "attempt_first_factor", strategy="pager_card", page="P-1234")

    assert error_of(response)[:2] == (422, "form_identifier_not_found")
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_strategy_that_needs_an_identifier_does_not_go_without(pagers: TestServer) -> None:
    browser = browser_of(pagers)
    begun = resource(await browser.post("/v1/client/sign_ins"))

    alone = await browser.post("/v1/client/sign_ins", strategy="pager_code")
    prepared = await step(browser, begun, "prepare_first_factor", strategy="pager_code", pager_id="idn_1")

    assert error_of(alone)[:2] == (422, "form_param_missing")
    assert error_of(prepared)[0] == 400


def test_settings_have_the_kind_of_an_installed_package(pagers_installed: None) -> None:
    pager = {"enabled": True, "identifier": True}

    settings = read_settings({"attributes": {"others": {"pager": pager}}})

    assert settings.identifiers == ("email_address", "pager")


def test_settings_of_a_kind_that_no_package_has_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"^attributes\.others\.pager: no installed package"):
        read_settings({"attributes": {"others": {"pager": {"enabled": True}}}})


async def test_strategy_may_verify_a_sign_up_by_a_verification_of_its_own(pagers: TestServer) -> None:
    verifications = {"verifications": ["pager_card"]}
    await configure(pagers, {"attributes": {"others": {"pager": verifications}}})
    browser = browser_of(pagers)
    begun = await begin_sign_up(browser, "P-1234", "pager_card")
    path = f"/v1/client/sign_ups/{begun['id']}/attempt_verification"

    other = resource(await browser.post(path, strategy="pager_card", page="P-5678"))
    done = resource(await browser.post(path, strategy="pager_card", page="P-1234"))

    assert (other["status"], other["unverified_fields"]) == ("missing_requirements", ["pager"])
    assert done["status"] == "complete"
