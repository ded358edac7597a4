"""Sign-ups of an instance that asks for a solved CAPTCHA."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TestServer
from tests.support.services.captcha_provider import (
    INVISIBLE_SECRET_KEY,
    INVISIBLE_SITE_KEY,
    SECRET_KEY,
    SITE_KEY,
    CaptchaProvider,
    captcha_provider,
)

ADDRESS = "ada+clerk_test@example.com"


@pytest.fixture(scope="module")
def running_provider() -> Iterator[CaptchaProvider]:
    with captcha_provider() as provider:
        yield provider


@pytest.fixture
async def provider(running_provider: CaptchaProvider, server: TestServer) -> CaptchaProvider:
    """The provider of an instance with both widgets."""
    running_provider.received.clear()
    running_provider.fail = None
    running_provider.asked.clear()
    await configure(server, {"captcha": _captcha(running_provider)})
    return running_provider


def _captcha(provider: CaptchaProvider, **changes: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "site_key": SITE_KEY,
        "secret_key": SECRET_KEY,
        "invisible_site_key": INVISIBLE_SITE_KEY,
        "invisible_secret_key": INVISIBLE_SECRET_KEY,
        "verify_url": provider.url,
        **changes,
    }


async def sign_up(server: TestServer, **fields: Any) -> Any:
    fields = {"email_address": ADDRESS, "password": PASSWORD} | fields
    return await server.browser().post("/v1/client/sign_ups", **fields)


async def test_environment_tells_the_browser_which_widget_to_run(
    server: TestServer, provider: CaptchaProvider
) -> None:
    shown = (await server.browser().get("/v1/environment")).json()

    display, sign_up_settings = shown["display_config"], shown["user_settings"]["sign_up"]
    assert display["captcha_public_key"] == SITE_KEY
    assert display["captcha_public_key_invisible"] == INVISIBLE_SITE_KEY
    assert (display["captcha_provider"], display["captcha_widget_type"]) == ("turnstile", "smart")
    assert sign_up_settings["captcha_enabled"] is True
    assert SECRET_KEY not in str(shown)


async def test_one_pair_of_keys_serves_both_widgets(server: TestServer, provider: CaptchaProvider) -> None:
    one = _captcha(provider, invisible_site_key=None, invisible_secret_key=None)
    await configure(server, {"captcha": one})

    shown = (await server.browser().get("/v1/environment")).json()["display_config"]
    done = await sign_up(server, captcha_token=provider.solve("t"), captcha_widget_type="invisible")

    assert shown["captcha_public_key_invisible"] == SITE_KEY
    assert done.status_code == 200


async def test_solved_captcha_begins_a_sign_up(server: TestServer, provider: CaptchaProvider) -> None:
    done = await sign_up(server, captcha_token=provider.solve("t"), captcha_widget_type="smart")

    assert done.json()["response"]["status"] == "missing_requirements"
    assert provider.received == [{"secret": SECRET_KEY, "response": "t"}]


async def test_invisible_widget_is_verified_with_its_own_key(
    server: TestServer, provider: CaptchaProvider
) -> None:
    token = provider.solve("t", INVISIBLE_SECRET_KEY)
    done = await sign_up(server, captcha_token=token, captcha_widget_type="invisible")

    assert done.status_code == 200
    assert provider.received[0]["secret"] == INVISIBLE_SECRET_KEY


async def test_sign_up_without_a_token_is_refused(server: TestServer, provider: CaptchaProvider) -> None:
    for fields in ({}, {"captcha_token": ""}, {"captcha_error": "captcha_script_failed_to_load"}):
        assert error_of(await sign_up(server, **fields))[:2] == (400, "captcha_missing_token")
    assert provider.received == []


async def test_token_that_the_provider_refuses_begins_no_sign_up(
    server: TestServer, provider: CaptchaProvider
) -> None:
    browser = server.browser()
    refused = await browser.post("/v1/client/sign_ups", email_address=ADDRESS, captcha_token="forged")

    assert error_of(refused)[:2] == (400, "captcha_invalid")
    assert (await browser.get("/v1/client")).json()["response"] is None


async def test_token_of_one_sign_up_does_not_begin_another(
    server: TestServer, provider: CaptchaProvider
) -> None:
    provider.solve("t")
    assert (await sign_up(server, captcha_token="t")).status_code == 200

    assert error_of(await sign_up(server, captcha_token="t"))[:2] == (400, "captcha_invalid")


async def test_overlong_token_is_not_sent_to_the_provider(
    server: TestServer, provider: CaptchaProvider
) -> None:
    refused = await sign_up(server, captcha_token="t" * 2049)

    assert error_of(refused)[:2] == (400, "captcha_invalid")
    assert provider.received == []


async def test_unknown_widget_is_refused(server: TestServer, provider: CaptchaProvider) -> None:
    refused = await sign_up(server, captcha_token=provider.solve("t"), captcha_widget_type="other")

    assert error_of(refused) == (422, "invalid_captcha_widget_type", "captcha_widget_type")


@pytest.mark.parametrize(
    "failure",
    [
        (500, b"oops"),
        (200, b"<html>"),
        (302, b""),
        (200, b'{"success": false, "error-codes": ["invalid-input-secret"]}'),
        (200, b'{"success": true, "error-codes": ["internal-error"]}'),
    ],
)
async def test_provider_without_a_verdict_lets_no_sign_up_begin(
    server: TestServer,
    provider: CaptchaProvider,
    failure: tuple[int, bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.fail = failure
    with caplog.at_level(logging.ERROR):
        refused = await sign_up(server, captcha_token=provider.solve("t"))

    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert "CAPTCHA provider gave no verdict" in caplog.text
    assert SECRET_KEY not in caplog.text


async def test_provider_that_is_gone_lets_no_sign_up_begin(
    server: TestServer, provider: CaptchaProvider
) -> None:
    await configure(server, {"captcha": {"verify_url": "http://127.0.0.1:1/siteverify"}})

    assert (await sign_up(server, captcha_token="t")).status_code == 503


async def test_slow_provider_holds_up_no_other_write(server: TestServer, provider: CaptchaProvider) -> None:
    provider.may_answer.clear()
    waiting = asyncio.create_task(sign_up(server, captcha_token=provider.solve("t")))
    await asyncio.to_thread(provider.asked.wait, 10)

    await server.backend().add_user("grace@example.com")

    assert not waiting.done()
    provider.may_answer.set()
    assert (await waiting).status_code == 200


async def test_testing_token_stands_in_for_a_captcha(server: TestServer, provider: CaptchaProvider) -> None:
    token = (await server.backend().post("/v1/testing_tokens")).json()["token"]
    done = await server.browser().call(
        "POST", "/v1/client/sign_ups", {"email_address": ADDRESS}, query={"__clerk_testing_token": token}
    )

    assert done.status_code == 200
    assert provider.received == []


async def test_sign_in_needs_no_captcha(server: TestServer, provider: CaptchaProvider) -> None:
    await server.backend().add_user(ADDRESS, password=PASSWORD)

    await server.browser().sign_in(ADDRESS)

    assert provider.received == []


async def test_sign_in_that_may_become_a_sign_up_needs_one_captcha(
    server: TestServer, provider: CaptchaProvider
) -> None:
    browser = server.browser()
    begin = {"identifier": ADDRESS, "sign_up_if_missing": True}
    refused = await browser.post("/v1/client/sign_ins", **begin)
    assert error_of(refused)[:2] == (400, "captcha_missing_token")

    begun = await browser.post("/v1/client/sign_ins", captcha_token=provider.solve("t"), **begin)
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"
    factors = begun.json()["response"]["supported_first_factors"]
    (factor,) = [one for one in factors if one["strategy"] == "email_code"]
    await browser.post(
        f"{path}/prepare_first_factor", strategy="email_code", email_address_id=factor["email_address_id"]
    )
    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code="424242")
    assert error_of(proven)[1] == "sign_up_if_missing_transfer"
    transferred = await browser.post("/v1/client/sign_ups", transfer=True)

    assert transferred.status_code == 200
    assert len(provider.received) == 1
