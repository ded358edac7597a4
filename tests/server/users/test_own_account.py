"""Changes of users to their own account: metadata, removing the password, tokens for other services."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

ADA = "ada+clerk_test@example.com"


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def patch_metadata(browser: Browser, document: Any) -> Any:
    return await browser.patch("/v1/me/metadata", unsafe_metadata=json.dumps(document))


async def test_own_metadata_is_merged_and_null_removes(ada: Browser) -> None:
    await patch_metadata(ada, {"theme": {"dark": True, "size": 1}, "beta": True})

    changed = await patch_metadata(ada, {"theme": {"size": 2}, "beta": None})

    user = changed.json()["response"]
    assert user["unsafe_metadata"] == {"theme": {"dark": True, "size": 2}}


async def test_other_metadata_is_not_the_users(ada: Browser) -> None:
    document = json.dumps({"admin": True})

    changed = await ada.patch("/v1/me/metadata", unsafe_metadata="{}", public_metadata=document)

    assert changed.json()["response"]["public_metadata"] == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "form_param_format_invalid"),
        ("not json", "form_param_format_invalid"),
        (json.dumps({"x": "y" * 9000}), "form_param_exceeds_allowed_size"),
    ],
)
async def test_metadata_that_is_no_small_object_is_refused(ada: Browser, text: str, code: str) -> None:
    response = await ada.patch("/v1/me/metadata", unsafe_metadata=text)

    assert error_of(response) == (422, code, "unsafe_metadata")


async def test_metadata_need_a_signed_in_user(server: TestServer) -> None:
    assert (await patch_metadata(server.browser(), {})).status_code == 401


async def test_password_is_given_up_with_itself(server: TestServer, ada: Browser) -> None:
    await configure(server, {"attributes": {"password": {"required": False}}})

    wrong = await ada.post("/v1/me/remove_password", current_password="not it at all")
    missing = await ada.post("/v1/me/remove_password")
    removed = await ada.post("/v1/me/remove_password", current_password=PASSWORD)
    again = await ada.post("/v1/me/remove_password", current_password=PASSWORD)

    assert error_of(wrong) == (422, "form_password_incorrect", "current_password")
    assert error_of(missing) == (422, "form_param_missing", "current_password")
    assert removed.json()["response"]["password_enabled"] is False
    assert error_of(again)[:2] == (400, "no_password_set")
    started = await server.browser().post("/v1/client/sign_ins", identifier=ADA)
    factors = started.json()["response"]["supported_first_factors"]
    assert [f["strategy"] for f in factors] == ["email_code"]


async def test_password_stays_where_the_instance_requires_it(ada: Browser) -> None:
    response = await ada.post("/v1/me/remove_password", current_password=PASSWORD)

    assert error_of(response)[:2] == (400, "password_required")


async def test_password_stays_when_nothing_else_signs_in(server: TestServer, ada: Browser) -> None:
    without = {"password": {"required": False}, "email_address": {"first_factors": []}}
    await configure(server, {"attributes": without})

    response = await ada.post("/v1/me/remove_password", current_password=PASSWORD)

    assert error_of(response)[:2] == (400, "password_required")


async def test_token_for_another_service_is_not_found(ada: Browser) -> None:
    response = await ada.post("/v1/me/tokens", service="firebase")

    assert error_of(response)[:2] == (404, "resource_not_found")


async def test_token_by_an_unknown_template_is_not_found(ada: Browser) -> None:
    session = (await ada.get("/v1/client")).json()["response"]["last_active_session_id"]

    unknown = await ada.post(f"/v1/client/sessions/{session}/tokens/hasura")
    await ada.post(f"/v1/client/sessions/{session}/end")
    ended = await ada.post(f"/v1/client/sessions/{session}/tokens/hasura")

    assert error_of(unknown)[:2] == (404, "resource_not_found")
    assert ended.status_code == 401


async def test_ticket_link_leads_to_the_sign_in_page_which_uses_it(server: TestServer, ada: Browser) -> None:
    user = (await ada.get("/v1/me")).json()["response"]
    token = (await server.backend().post("/v1/sign_in_tokens", user_id=user["id"])).json()["token"]
    browser = server.browser()

    arrived = await browser.get("/v1/tickets/accept", ticket=token)
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    again = await browser.get("/v1/tickets/accept", ticket=token)

    location = arrived.headers["location"]
    assert arrived.status_code == 303
    assert location.startswith("http://localhost:8787/sign-in?")
    assert f"__clerk_ticket={token}" in location
    assert "__clerk_status=sign_in" in location
    assert signed_in.json()["response"]["status"] == "complete"
    assert error_of(again)[:2] == (400, "ticket_invalid_code")
