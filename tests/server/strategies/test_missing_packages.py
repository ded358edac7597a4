"""A package with a kind of identification is gone, while its settings and rows are not."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.identifications import kinds as registry
from greffier.server.strategies import installed
from tests.server.strategies import pager_package
from tests.support.answers import error_of
from tests.support.server import TEST_CODE, Browser, TestServer

UNPUBLISHED = "2025-11-10"
"""A date whose contract is not checked: it lists names of strategies, and pagers have none."""


def nothing(group: str) -> list[Any]:
    return []


def uninstall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greffier.server.identifications.kinds.entry_points", nothing)
    monkeypatch.setattr("greffier.server.strategies.entry_points", nothing)
    registry.kinds.cache_clear()
    installed.cache_clear()


async def begin_sign_in(browser: Browser, number: str) -> tuple[str, str]:
    """The path of a sign-in that does not tell whether there is an account, and the id of its pager."""
    begun = await browser.post("/v1/client/sign_ins", identifier=number, sign_up_if_missing="true")
    sign_in = begun.json()["response"]
    (factor,) = [one for one in sign_in["supported_first_factors"] if one["strategy"] == "pager_code"]
    return f"/v1/client/sign_ins/{sign_in['id']}", factor["pager_id"]


async def test_sign_up_does_not_complete_without_what_only_the_package_could_check(
    pagers: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    uninstall(monkeypatch)

    response = await pagers.browser(version=UNPUBLISHED).post("/v1/client/sign_ups")

    sign_up = response.json()["response"]
    assert (sign_up["status"], sign_up["missing_fields"]) == ("missing_requirements", ["pager"])


async def test_given_pager_does_not_count_unverified(
    pagers: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = pagers.browser(version=UNPUBLISHED)
    begun = await browser.post("/v1/client/sign_ups", pager="P-1234")
    uninstall(monkeypatch)

    response = await browser.patch(f"/v1/client/sign_ups/{begun.json()['response']['id']}", first_name="Ada")

    assert response.json()["response"]["status"] == "missing_requirements"


async def test_verified_pager_is_not_transferred(pagers: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = pagers.browser(version=UNPUBLISHED)
    path, pager_id = await begin_sign_in(browser, "P-1234")
    await browser.post(f"{path}/prepare_first_factor", strategy="pager_code", pager_id=pager_id)
    page = pager_package.PAGES[-1][1]
    await browser.post(f"{path}/attempt_first_factor", strategy="pager_code", page=page)
    uninstall(monkeypatch)

    response = await browser.post("/v1/client/sign_ups", transfer="true")

    assert error_of(response) == (422, "form_param_value_invalid", "strategy")


async def test_browser_in_the_middle_of_a_sign_in_is_shown_its_client(
    pagers: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = pagers.browser(version=UNPUBLISHED)
    await begin_sign_in(browser, "P-1234")
    uninstall(monkeypatch)

    client = await browser.get("/v1/client")

    assert client.json()["response"]["sign_in"]["supported_first_factors"] is None


async def test_user_who_has_one_signs_in_by_what_is_left(
    pagers: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = pagers.browser(version=UNPUBLISHED)
    fields = {"pager": "P-1234", "email_address": "ada+clerk_test@example.com"}
    begun = await browser.post("/v1/client/sign_ups", strategy="pager_code", **fields)
    path = f"/v1/client/sign_ups/{begun.json()['response']['id']}"
    await browser.post(f"{path}/attempt_verification", strategy="pager_code", page=pager_package.PAGES[-1][1])
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)
    uninstall(monkeypatch)
    again = pagers.browser(version=UNPUBLISHED)

    started = await again.post(
        "/v1/client/sign_ins", identifier=fields["email_address"], strategy="email_code"
    )
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    done = await again.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert done.json()["response"]["status"] == "complete"
