"""A user's own email addresses, as browsers see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import TEST_CODE, Browser, TestServer

SECOND = "second+clerk_test@example.com"


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """Signed in with one address."""
    browser = server.browser()
    await browser.sign_up("ada+clerk_test@example.com")
    return browser


async def add(browser: Browser, address: str = SECOND) -> dict[str, Any]:
    response = await browser.post("/v1/me/email_addresses/", email_address=address)
    assert response.status_code == 200, response.text
    return response.json()["response"]


async def verify(browser: Browser, email: dict[str, Any], code: str = TEST_CODE) -> Any:
    path = f"/v1/me/email_addresses/{email['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    return await browser.post(f"{path}/attempt_verification", code=code)


async def test_new_address_is_not_verified(ada: Browser) -> None:
    email = await add(ada)

    assert email["verification"] is None
    assert [e["email_address"] for e in (await ada.get("/v1/me/email_addresses")).json()] == [
        "ada+clerk_test@example.com",
        SECOND,
    ]


async def test_code_verifies_it(ada: Browser) -> None:
    email = await add(ada)

    response = await verify(ada, email)

    assert response.json()["response"]["verification"]["status"] == "verified"
    shown = await ada.get(f"/v1/me/email_addresses/{email['id']}")
    assert shown.json()["response"]["verification"]["status"] == "verified"


async def test_answer_carries_the_changed_user(ada: Browser) -> None:
    email = await add(ada)

    client = (await verify(ada, email)).json()["client"]

    emails = client["sessions"][0]["user"]["email_addresses"]
    assert [e["verification"]["status"] for e in emails] == ["verified", "verified"]


async def test_wrong_code_is_told(ada: Browser) -> None:
    response = await verify(ada, await add(ada), code="000000")

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "form_code_incorrect"


async def test_address_of_another_user_cannot_be_added(server: TestServer, ada: Browser) -> None:
    await server.browser().sign_up("eve+clerk_test@example.com")

    response = await ada.post("/v1/me/email_addresses", email_address="eve+clerk_test@example.com")

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "form_identifier_exists"


async def test_own_address_cannot_be_added_twice(ada: Browser) -> None:
    await add(ada)

    response = await ada.post("/v1/me/email_addresses", email_address=SECOND.upper())

    assert response.status_code == 422


async def test_first_user_to_verify_an_address_has_it(server: TestServer, ada: Browser) -> None:
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    hers, adas = await add(eve), await add(ada)

    assert (await verify(eve, hers)).status_code == 200
    late = await verify(ada, adas)

    assert late.status_code == 422
    assert late.json()["errors"][0]["code"] == "form_identifier_exists"


async def test_verified_address_can_become_primary(ada: Browser) -> None:
    email = await add(ada)
    await verify(ada, email)

    user = (await ada.patch("/v1/me", primary_email_address_id=email["id"])).json()["response"]

    assert user["primary_email_address_id"] == email["id"]


async def test_unverified_address_cannot_become_primary(ada: Browser) -> None:
    email = await add(ada)

    response = await ada.patch("/v1/me", primary_email_address_id=email["id"])

    assert response.status_code == 422
    assert response.json()["errors"][0]["meta"]["param_name"] == "primary_email_address_id"


async def test_deleting_the_primary_address_makes_the_other_primary(ada: Browser) -> None:
    email = await add(ada)
    await verify(ada, email)
    first = (await ada.get("/v1/me")).json()["response"]["primary_email_address_id"]

    deleted = await ada.delete(f"/v1/me/email_addresses/{first}")

    assert deleted.json()["response"] == {"id": first, "object": "email_address", "deleted": True}
    assert (await ada.get("/v1/me")).json()["response"]["primary_email_address_id"] == email["id"]


async def test_last_address_cannot_be_deleted(ada: Browser) -> None:
    only = (await ada.get("/v1/me")).json()["response"]["primary_email_address_id"]

    response = await ada.delete(f"/v1/me/email_addresses/{only}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "last_required_identification_deletion_failed"


async def test_address_of_another_user_is_not_found(server: TestServer, ada: Browser) -> None:
    email = await add(ada)
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    path = f"/v1/me/email_addresses/{email['id']}"

    assert (await eve.get(path)).status_code == 404
    assert (await eve.delete(path)).status_code == 404
    assert (await eve.post(f"{path}/prepare_verification", strategy="email_code")).status_code == 404
    assert (await eve.post(f"{path}/attempt_verification", code=TEST_CODE)).status_code == 404


async def test_signed_out_caller_is_refused(server: TestServer) -> None:
    browser = server.browser()

    assert (await browser.get("/v1/me/email_addresses")).status_code == 401
    assert (await browser.post("/v1/me/email_addresses", email_address=SECOND)).status_code == 401
