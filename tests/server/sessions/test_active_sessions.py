"""The user's devices."""

from __future__ import annotations

import pytest

from greffier.server.sessions.activity import device_list_activity
from tests.support.server import TestServer


async def test_devices_show_browser_system_and_address(server: TestServer) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
    laptop, phone = server.browser(), server.browser(headers={"user-agent": agent})
    await laptop.sign_up()
    phone_session = (await phone.sign_in())["last_active_session_id"]

    sessions = {s["id"]: s for s in (await laptop.get("/v1/me/sessions/active")).json()}

    activity = sessions[phone_session]["latest_activity"]
    assert len(sessions) == 2
    assert activity["is_mobile"] is True
    assert activity["device_type"] == "iOS"
    assert activity["browser_name"] == "Mobile Safari"
    assert activity["browser_version"] == "18.0"
    assert activity["ip_address"] == "192.0.2.7"


async def test_device_list_shows_no_empty_location(server: TestServer) -> None:
    """The official component writes the parentheses of `ip_address (city, country)` in any case."""
    laptop = server.browser()
    await laptop.sign_up()

    (session,) = (await laptop.get("/v1/me/sessions/active")).json()

    assert session["latest_activity"]["city"]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("::1", "this machine"),
        ("127.0.0.1", "this machine"),
        ("::ffff:127.0.0.1", "this machine"),
        ("192.168.1.20", "local network"),
        ("fe80::1", "local network"),
        ("8.8.8.8", "location unknown"),
        ("", "location unknown"),
    ],
)
def test_location_says_what_the_address_alone_tells(address: str, place: str) -> None:
    shown = device_list_activity({"id": "sact_1", "ip_address": address})

    assert shown["city"] == place


async def test_devices_are_the_users_own(server: TestServer) -> None:
    await server.browser().sign_up("ada+clerk_test@example.com")
    eve = server.browser()
    client = await eve.sign_up("eve+clerk_test@example.com")

    sessions = (await eve.get("/v1/me/sessions/active")).json()

    assert [s["id"] for s in sessions] == [client["last_active_session_id"]]


async def test_revoked_sessions_stay_in_the_history(server: TestServer) -> None:
    laptop, phone = server.browser(), server.browser()
    await laptop.sign_up()
    phone_session = (await phone.sign_in())["last_active_session_id"]
    await laptop.post(f"/v1/me/sessions/{phone_session}/revoke")

    history = {s["id"]: s["status"] for s in (await laptop.get("/v1/me/sessions")).json()}
    active = [s["id"] for s in (await laptop.get("/v1/me/sessions/active")).json()]

    assert history[phone_session] == "revoked"
    assert phone_session not in active


async def test_signed_out_caller_is_refused(server: TestServer) -> None:
    response = await server.browser().get("/v1/me/sessions/active")

    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "signed_out"


async def test_touch_makes_a_session_the_active_one(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    server.clock.advance(seconds=60)

    touched = (await browser.post(f"/v1/client/sessions/{session_id}/touch", intent="focus")).json()

    session = touched["response"]
    assert session["last_active_at"] > session["created_at"]
    assert touched["client"]["last_active_session_id"] == session_id


async def test_ended_session_cannot_be_touched(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    await browser.post(f"/v1/client/sessions/{session_id}/end")

    response = await browser.post(f"/v1/client/sessions/{session_id}/touch")

    assert response.status_code == 401
