"""An application's backend blocks countries for text messages."""

from __future__ import annotations

import pytest

from tests.server.identifications.phone_numbers.numbers import (
    GERMAN_NUMBER,
    REAL_NUMBER,
    with_phone_numbers,
)
from tests.support.answers import error_of
from tests.support.server import TestServer

PATH = "/v1/instance/communication"


async def test_all_countries_but_two_are_blocked_at_first(server: TestServer) -> None:
    shown = (await server.backend().get(PATH)).json()

    assert shown["object"] == "instance_communication"
    assert {"DE", "FR", "GB"} <= set(shown["blocked_country_codes"])
    assert not {"US", "CA"} & set(shown["blocked_country_codes"])


async def test_country_is_reached_once_it_is_blocked_no_more(server: TestServer) -> None:
    await with_phone_numbers(server)
    backend = server.backend()
    blocked = (await backend.get(PATH)).json()["blocked_country_codes"]

    changed = await backend.patch(PATH, blocked_country_codes=[c for c in blocked if c != "DE"])
    await server.app.reload()
    german = await server.browser().post(
        "/v1/client/sign_ups", phone_number=GERMAN_NUMBER, strategy="phone_code"
    )

    assert changed.json()["blocked_country_codes"] == [c for c in blocked if c != "DE"]
    assert changed.json() == (await backend.get(PATH)).json()
    assert german.status_code == 200
    assert len(await server.messages(GERMAN_NUMBER)) == 1


async def test_blocked_country_is_refused(server: TestServer) -> None:
    await with_phone_numbers(server)

    await server.backend().patch(PATH, blocked_country_codes=["US"])
    await server.app.reload()
    response = await server.browser().post("/v1/client/sign_ups", phone_number=REAL_NUMBER)

    assert error_of(response) == (403, "unsupported_country_code", "phone_number")


async def test_codes_of_no_country_are_dropped(server: TestServer) -> None:
    changed = await server.backend().patch(PATH, blocked_country_codes=["ZZ", "DE"])

    assert changed.json()["blocked_country_codes"] == ["DE"]


@pytest.mark.parametrize("body", [{}, {"blocked_country_codes": None}])
async def test_list_that_is_not_given_changes_nothing(server: TestServer, body: dict[str, None]) -> None:
    before = (await server.backend().get(PATH)).json()

    changed = await server.backend().call("PATCH", PATH, body)

    assert changed.json() == before


@pytest.mark.parametrize("codes", [["us"], ["USA"], ["US", "US"], ["US"] * 251, [1], "US", [None], [["US"]]])
async def test_list_that_is_malformed_is_refused(server: TestServer, codes: object) -> None:
    response = await server.backend().patch(PATH, blocked_country_codes=codes)

    assert response.status_code == 422


async def test_countries_of_another_instance_stay(server: TestServer) -> None:
    neighbour = await server.neighbour()

    await server.backend().patch(PATH, blocked_country_codes=[])

    assert "DE" in (await neighbour.get(PATH)).json()["blocked_country_codes"]


async def test_other_settings_stay(server: TestServer) -> None:
    await with_phone_numbers(server, phone_numbers={"messages_per_country": 7})

    await server.backend().patch(PATH, blocked_country_codes=["DE"])
    await server.app.reload()

    (instance,) = server.app.instances
    assert instance.settings.phone_numbers.messages_per_country == 7
    assert instance.settings.attribute("phone_number").enabled


async def test_without_a_secret_key_nothing_is_told(server: TestServer) -> None:
    assert (await server.backend(secret_key=None).get(PATH)).status_code == 401
