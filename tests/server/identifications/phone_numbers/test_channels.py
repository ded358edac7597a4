"""Codes by SMS and by WhatsApp."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.instances.document import SettingsError, read_settings
from tests.server.identifications.phone_numbers.numbers import REAL_NUMBER, TEST_NUMBER, with_phone_numbers
from tests.support.answers import error_of
from tests.support.server import TEST_CODE, Browser, TestServer

BOTH = {"channels": ["sms", "whatsapp"], "preferred_channels": {"US": "whatsapp"}}


@pytest.fixture
async def browser(server: TestServer) -> Browser:
    """At an instance with WhatsApp, whose user Ada has a number."""
    await with_phone_numbers(server, phone_numbers=BOTH)
    await server.backend().add_user("ada@example.com", phone_number=[REAL_NUMBER])
    return server.browser()


async def sign_in(browser: Browser, **fields: str) -> Any:
    data = {"identifier": REAL_NUMBER, "strategy": "phone_code"} | fields
    return await browser.post("/v1/client/sign_ins", **data)


async def channels_of(server: TestServer) -> list[str]:
    """Of the messages to the number, newest first."""
    return [message["channel"] for message in await server.messages(REAL_NUMBER)]


async def test_sign_in_that_begins_with_a_channel_has_its_code_sent_there_at_once(
    server: TestServer, browser: Browser
) -> None:
    begun = (await sign_in(browser, channel="whatsapp")).json()["response"]
    (message,) = await server.messages(REAL_NUMBER)
    path = f"/v1/client/sign_ins/{begun['id']}/attempt_first_factor"

    done = await browser.post(path, strategy="phone_code", code=message["code"])

    verification = begun["first_factor_verification"]
    assert (verification["status"], verification["channel"]) == ("unverified", "whatsapp")
    assert (message["channel"], message["kind"]) == ("whatsapp", "sign_in_code")
    assert done.json()["response"]["status"] == "complete"


async def test_sign_up_that_begins_with_a_channel_has_its_code_sent_there_at_once(
    server: TestServer, browser: Browser
) -> None:
    created = await browser.post(
        "/v1/client/sign_ups", phone_number="+12025550244", strategy="phone_code", channel="whatsapp"
    )

    verification = created.json()["response"]["verifications"]["phone_number"]
    (message,) = await server.messages("+12025550244")
    assert (verification["channel"], verification["next_action"]) == ("whatsapp", "needs_attempt")
    assert message["channel"] == "whatsapp"


async def test_channel_that_is_not_named_is_sms_whatever_was_used_before(
    server: TestServer, browser: Browser
) -> None:
    begun = (await sign_in(browser, channel="whatsapp")).json()["response"]
    (factor,) = [one for one in begun["supported_first_factors"] if one["strategy"] == "phone_code"]
    path = f"/v1/client/sign_ins/{begun['id']}/prepare_first_factor"

    by_sms = await browser.post(path, strategy="phone_code", phone_number_id=factor["phone_number_id"])

    assert by_sms.json()["response"]["first_factor_verification"]["channel"] == "sms"
    assert await channels_of(server) == ["sms", "whatsapp"]


@pytest.mark.parametrize("channel", ["whatsapp", "pigeon"])
async def test_channel_that_the_instance_does_not_have_is_refused(server: TestServer, channel: str) -> None:
    await with_phone_numbers(server)
    await server.backend().add_user("ada@example.com", phone_number=[REAL_NUMBER])

    response = await sign_in(server.browser(), channel=channel)

    assert error_of(response) == (422, "form_param_value_invalid", "channel")
    assert await channels_of(server) == []


async def test_own_number_is_verified_by_whatsapp(server: TestServer) -> None:
    await with_phone_numbers(server, phone_numbers=BOTH)
    browser = server.browser()
    await browser.sign_up()
    added = await browser.post("/v1/me/phone_numbers", phone_number=TEST_NUMBER)
    path = f"/v1/me/phone_numbers/{added.json()['response']['id']}"

    prepared = await browser.post(f"{path}/prepare_verification", strategy="phone_code", channel="whatsapp")
    done = await browser.post(f"{path}/attempt_verification", code=TEST_CODE)

    assert prepared.json()["response"]["verification"]["channel"] == "whatsapp"
    assert done.json()["response"]["verification"]["status"] == "verified"


async def test_notice_in_place_of_a_code_looks_like_one_and_goes_by_sms(server: TestServer) -> None:
    """WhatsApp takes approved texts only."""
    await with_phone_numbers(server, phone_numbers=BOTH, attack_protection={"enumeration_protection": True})

    begun = await sign_in(server.browser(), channel="whatsapp")

    assert begun.json()["response"]["first_factor_verification"]["channel"] == "whatsapp"
    (message,) = await server.messages(REAL_NUMBER)
    assert (message["channel"], message["kind"]) == ("sms", "no_account")


async def test_browser_is_not_shown_which_message_carries_the_code(
    server: TestServer, browser: Browser
) -> None:
    begun = await sign_in(browser)

    (message,) = await server.messages(REAL_NUMBER)
    assert message["id"] not in begun.text


async def test_environment_names_the_channels(server: TestServer, browser: Browser) -> None:
    shown = (await browser.get("/v1/environment")).json()
    await with_phone_numbers(server, phone_numbers={"channels": ["sms"], "preferred_channels": {}})

    attribute = shown["user_settings"]["attributes"]["phone_number"]
    assert attribute["channels"] == ["sms", "whatsapp"]
    assert shown["auth_config"]["preferred_channels"] == {"US": "whatsapp"}


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"channels": ["whatsapp"]}, r"phone_numbers\.channels: sms must be one of them"),
        ({"channels": ["pigeon"]}, r"phone_numbers\.channels"),
        (
            {"preferred_channels": {"US": "whatsapp"}},
            r"phone_numbers\.preferred_channels\.US: whatsapp",
        ),
        ({"preferred_channels": {"usa": "sms"}}, r"phone_numbers\.preferred_channels"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(rules: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read_settings({"phone_numbers": rules})
