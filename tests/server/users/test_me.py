"""The signed-in user, as browsers see them."""

from __future__ import annotations

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TestServer


async def test_user_without_secrets(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(first_name="Ada", last_name="Lovelace")

    user = (await browser.get("/v1/me")).json()["response"]

    assert (user["first_name"], user["last_name"]) == ("Ada", "Lovelace")
    assert user["password_enabled"] is True
    assert "private_metadata" not in user
    assert "digest" not in str(user)


async def test_names_change_and_an_empty_one_is_removed(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(first_name="Ada", last_name="Lovelace")

    user = (await browser.patch("/v1/me", first_name="Augusta", last_name="")).json()["response"]

    assert (user["first_name"], user["last_name"]) == ("Augusta", None)


async def test_name_that_is_too_long_is_told_at_its_field(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    response = await browser.patch("/v1/me", first_name="x" * 257)

    assert response.status_code == 422
    assert response.json()["errors"][0]["meta"]["param_name"] == "first_name"


async def test_older_versions_replace_unsafe_metadata(server: TestServer) -> None:
    browser = server.browser(version="2025-11-10")
    await browser.sign_up(unsafe_metadata='{"a": 1}')

    user = (await browser.patch("/v1/me", unsafe_metadata='{"b": 2}')).json()["response"]

    assert user["unsafe_metadata"] == {"b": 2}


async def test_newest_version_leaves_unsafe_metadata_alone(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(unsafe_metadata='{"a": 1}')

    user = (await browser.patch("/v1/me", unsafe_metadata='{"b": 2}')).json()["response"]

    assert user["unsafe_metadata"] == {"a": 1}


async def test_metadata_must_be_a_json_object(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ups", unsafe_metadata="[1]")

    assert response.status_code == 422
    assert response.json()["errors"][0]["meta"]["param_name"] == "unsafe_metadata"


async def test_session_of_another_client_cannot_be_named(server: TestServer) -> None:
    session_id = (await server.browser().sign_up("ada+clerk_test@example.com"))["last_active_session_id"]
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")

    response = await eve.get("/v1/me", _clerk_session_id=session_id)

    assert response.status_code == 401


async def test_signed_out_caller_is_refused(server: TestServer) -> None:
    assert (await server.browser().get("/v1/me")).status_code == 401
    assert (await server.browser().patch("/v1/me", first_name="x")).status_code == 401


async def test_password_changes(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up("ada+clerk_test@example.com")

    response = await browser.post(
        "/v1/me/change_password", current_password=PASSWORD, new_password="another long one"
    )

    assert response.status_code == 200
    assert await server.browser().sign_in("ada+clerk_test@example.com", "another long one")


async def test_password_does_not_change_without_the_current_one(server: TestServer) -> None:
    """Reverification, which asks for a factor instead, is off."""
    await configure(server, {"attack_protection": {"reverification": False}})
    browser = server.browser()
    await browser.sign_up()

    wrong = await browser.post(
        "/v1/me/change_password", current_password="wrong password", new_password="another long one"
    )
    missing = await browser.post("/v1/me/change_password", new_password="another long one")

    assert wrong.status_code == missing.status_code == 422
    assert wrong.json()["errors"][0]["code"] == "form_password_incorrect"
    assert wrong.json()["errors"][0]["meta"]["param_name"] == "current_password"
    assert missing.json()["errors"][0]["code"] == "form_param_missing"


async def test_new_password_must_be_acceptable_and_another(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    short = await browser.post("/v1/me/change_password", current_password=PASSWORD, new_password="short")
    same = await browser.post("/v1/me/change_password", current_password=PASSWORD, new_password=PASSWORD)

    assert short.json()["errors"][0]["meta"]["param_name"] == "new_password"
    assert same.json()["errors"][0]["code"] == "form_new_password_matches_current"


async def test_changing_the_password_can_sign_other_devices_out(server: TestServer) -> None:
    laptop, phone = server.browser(), server.browser()
    laptop_session = (await laptop.sign_up())["last_active_session_id"]
    phone_session = (await phone.sign_in())["last_active_session_id"]

    await laptop.post(
        "/v1/me/change_password",
        current_password=PASSWORD,
        new_password="another long one",
        sign_out_of_other_sessions="true",
    )

    assert (await phone.token(phone_session)).status_code == 401
    assert (await laptop.token(laptop_session)).status_code == 200


async def test_user_deletes_their_account_with_all_sessions(server: TestServer) -> None:
    laptop, phone = server.browser(), server.browser()
    await laptop.sign_up()
    phone_session = (await phone.sign_in())["last_active_session_id"]

    response = await laptop.delete("/v1/me")

    assert response.json()["response"]["deleted"] is True
    assert response.json()["client"]["sessions"] == []
    assert (await phone.token(phone_session)).status_code == 401
    gone = await phone.post("/v1/client/sign_ins", identifier="ada+clerk_test@example.com")
    assert gone.json()["errors"][0]["code"] == "form_identifier_not_found"


async def test_user_who_may_not_delete_their_account_is_refused(server: TestServer) -> None:
    browser = server.browser()
    user = (await browser.sign_up())["sessions"][0]["user"]
    await server.backend().patch(f"/v1/users/{user['id']}", delete_self_enabled=False)

    assert (await browser.delete("/v1/me")).status_code == 403


async def test_users_cannot_delete_their_account_where_the_instance_forbids_it(server: TestServer) -> None:
    await configure(server, {"actions": {"delete_self": False}})
    browser = server.browser()
    user = (await browser.sign_up())["sessions"][0]["user"]

    refused = await browser.delete("/v1/me")

    assert error_of(refused)[:2] == (403, "user_delete_self_not_enabled")
    assert user["delete_self_enabled"] is False
    environment = (await browser.get("/v1/environment")).json()
    assert environment["user_settings"]["actions"]["delete_self"] is False
