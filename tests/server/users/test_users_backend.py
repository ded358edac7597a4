"""Users as an application's backend makes, changes and removes them."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.server import Backend, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_created_user_has_what_was_said_of_them(backend: Backend) -> None:
    user = await backend.add_user(
        "ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        username="Ada_L",
        external_id="crm-1",
        locale="en-GB",
        public_metadata={"plan": "gold"},
        private_metadata={"credit": 7},
        unsafe_metadata={"theme": "dark"},
        delete_self_enabled=False,
        create_organization_enabled=False,
        create_organizations_limit=3,
        bypass_client_trust=True,
    )

    assert (user["first_name"], user["last_name"], user["locale"]) == ("Ada", "Lovelace", "en-GB")
    assert (user["username"], user["external_id"]) == ("ada_l", "crm-1")
    assert user["public_metadata"] == {"plan": "gold"}
    assert user["private_metadata"] == {"credit": 7}
    assert user["unsafe_metadata"] == {"theme": "dark"}
    assert (user["delete_self_enabled"], user["create_organization_enabled"]) == (False, False)
    assert (user["create_organizations_limit"], user["bypass_client_trust"]) == (3, True)
    assert (await backend.get(f"/v1/users/{user['id']}")).json() == user


async def test_address_of_a_created_user_is_verified_by_the_administrator_and_primary(
    backend: Backend,
) -> None:
    user = await backend.add_user("Ada@Example.com")

    address = user["email_addresses"][0]
    assert address["email_address"] == "Ada@example.com"
    assert address["verification"]["status"] == "verified"
    assert address["verification"]["strategy"] == "admin"
    assert user["primary_email_address_id"] == address["id"]


async def test_first_of_several_addresses_is_primary(backend: Backend) -> None:
    response = await backend.post(
        "/v1/users",
        email_address=["ada@example.com", "lovelace@example.com"],
        skip_password_requirement=True,
    )

    addresses = {one["id"]: one["email_address"] for one in response.json()["email_addresses"]}
    assert addresses[response.json()["primary_email_address_id"]] == "ada@example.com"
    assert sorted(addresses.values()) == ["ada@example.com", "lovelace@example.com"]


async def test_reserved_address_is_unverified_and_taken(backend: Backend) -> None:
    user = await backend.add_user("ada@example.com", email_address_identification_status=["reserved"])

    address = user["email_addresses"][0]
    assert (address["reserved"], address["verification"]) == (True, None)
    taken = await backend.post("/v1/users", email_address=["ADA@example.com"], skip_password_requirement=True)
    assert error_of(taken) == (422, "form_identifier_exists", "email_address")


async def test_status_is_needed_for_every_address_or_none(backend: Backend) -> None:
    response = await backend.post(
        "/v1/users",
        email_address=["ada@example.com", "eve@example.com"],
        email_address_identification_status=["reserved"],
        skip_password_requirement=True,
    )

    param = "email_address_identification_status"
    assert error_of(response) == (422, "form_param_format_invalid", param)


async def test_dates_of_another_system_are_kept(backend: Backend) -> None:
    user = await backend.add_user(
        created_at="2012-10-20T07:15:20.902Z", legal_accepted_at="2013-01-01T01:00:00+01:00"
    )

    assert user["created_at"] == 1_350_717_320_902
    assert user["legal_accepted_at"] == 1_356_998_400_000


async def test_moment_without_a_time_zone_is_refused(backend: Backend) -> None:
    for moment in ("2012-10-20", "2012-10-20T07:15:20", "yesterday", 1350717320902):
        response = await backend.post("/v1/users", email_address=["ada@example.com"], created_at=moment)

        code = "form_param_format_invalid" if isinstance(moment, str) else "form_param_type_invalid"
        assert errors_of(response)["created_at"] == code, moment


async def test_user_can_be_created_banned_and_locked(backend: Backend) -> None:
    user = await backend.add_user(banned=True, locked=True)

    assert (user["banned"], user["locked"]) == (True, True)


async def test_banned_user_cannot_sign_in(server: TestServer, backend: Backend) -> None:
    await backend.add_user(banned=True)

    response = await server.browser().post("/v1/client/sign_ins", identifier="ada@example.com")

    assert error_of(response)[:2] == (403, "user_banned")


async def test_user_needs_an_address_and_a_password_unless_told_otherwise(backend: Backend) -> None:
    bare = await backend.post("/v1/users", first_name="Ada")

    assert (bare.status_code, bare.json()["errors"][0]["code"]) == (422, "form_data_missing")
    assert bare.json()["errors"][0]["meta"]["param_names"] == ["email_address", "password"]
    told = await backend.post(
        "/v1/users", first_name="Ada", skip_user_requirement=True, skip_password_requirement=True
    )
    assert told.json()["email_addresses"] == []


async def test_everything_that_is_wrong_is_told_at_once(backend: Backend) -> None:
    response = await backend.post(
        "/v1/users",
        email_address=["nonsense"],
        password="short",
        username="a b!c",
        first_name="x" * 257,
        external_id="x" * 257,
        locale="?",
        phone_number=["12"],
        web3_wallet=["0x0"],
        totp_secret="JBSWY3DPEHPK3PXP",
        backup_codes=["1"],
        public_metadata={"big": "x" * 9000},
    )

    assert response.status_code == 422
    assert errors_of(response) == {
        "email_address": "form_param_format_invalid",
        "password": "form_password_length_too_short",
        "username": "form_username_invalid_character",
        "first_name": "form_param_max_length_exceeded",
        "external_id": "form_param_max_length_exceeded",
        "locale": "form_param_format_invalid",
        "phone_number": "form_param_format_invalid",
        "web3_wallet": "form_param_format_invalid",
        "totp_secret": "form_param_unknown",
        "backup_codes": "form_param_unknown",
        "public_metadata": "form_param_exceeds_allowed_size",
    }


USERNAMES = {
    "abc": "form_username_invalid_length",
    "x" * 65: "form_username_invalid_length",
    "12345": "form_username_needs_non_number_char",
    "202-555-0143": "form_username_cannot_be_phone_number",
    "ad@example": "form_username_invalid_character",
}


async def test_of_users_created_at_once_with_one_address_one_gets_it(backend: Backend) -> None:
    body = {"email_address": ["ada@example.com"], "skip_password_requirement": True}

    answers = await asyncio.gather(*(backend.post("/v1/users", **body) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert (await backend.get("/v1/users/count")).json()["total_count"] == 1


async def test_what_is_no_username_is_refused(backend: Backend) -> None:
    for username, code in USERNAMES.items():
        response = await backend.post(
            "/v1/users", email_address=["ada@example.com"], skip_password_requirement=True, username=username
        )

        assert error_of(response) == (422, code, "username")


async def test_unknown_parameter_is_refused(backend: Backend) -> None:
    response = await backend.post("/v1/users", email_address=["ada@example.com"], nickname="Ada")

    assert error_of(response) == (422, "form_param_unknown", "nickname")


async def test_external_ids_and_usernames_are_unique(backend: Backend) -> None:
    await backend.add_user("ada@example.com", external_id="crm-1", username="lovelace")
    eve = await backend.add_user("eve@example.com")

    for taken in ({"external_id": "crm-1"}, {"username": "Lovelace"}):
        created = await backend.post(
            "/v1/users", email_address=["kim@example.com"], skip_password_requirement=True, **taken
        )
        changed = await backend.patch(f"/v1/users/{eve['id']}", **taken)

        expected = (422, "form_identifier_exists", next(iter(taken)))
        assert (error_of(created), error_of(changed)) == (expected, expected)


async def test_update_changes_what_it_names_and_nothing_else(server: TestServer, backend: Backend) -> None:
    user = await backend.add_user(first_name="Ada", last_name="Byron", external_id="crm-1")
    server.clock.advance(seconds=1)

    response = await backend.patch(f"/v1/users/{user['id']}", last_name="Lovelace", username="lovelace")

    changed = {key for key, value in response.json().items() if value != user[key]}
    assert changed == {"last_name", "username", "updated_at"}
    assert response.json()["updated_at"] >= user["updated_at"] + 1000


async def test_null_or_blank_takes_a_name_away(backend: Backend) -> None:
    names = {
        "first_name": "Ada",
        "last_name": "Byron",
        "username": "lovelace",
        "external_id": "crm-1",
        "locale": "en-GB",
    }
    user = await backend.add_user(**names)

    for nothing in (None, ""):
        response = await backend.patch(f"/v1/users/{user['id']}", **dict.fromkeys(names, nothing))

        assert {name: response.json()[name] for name in names} == dict.fromkeys(names)
        await backend.patch(f"/v1/users/{user['id']}", **names)


async def test_null_leaves_flags_and_dates_as_they_are(backend: Backend) -> None:
    user = await backend.add_user(delete_self_enabled=False, created_at="2012-10-20T07:15:20Z")

    response = await backend.patch(
        f"/v1/users/{user['id']}", delete_self_enabled=None, created_at=None, password=None
    )

    assert response.json()["delete_self_enabled"] is False
    assert response.json()["created_at"] == user["created_at"]


async def test_primary_address_is_chosen_among_verified_ones(backend: Backend) -> None:
    user = await backend.add_user("ada@example.com")
    second = (
        await backend.post(
            "/v1/email_addresses", user_id=user["id"], email_address="l@example.com", verified=True
        )
    ).json()
    third = (
        await backend.post("/v1/email_addresses", user_id=user["id"], email_address="m@example.com")
    ).json()

    chosen = await backend.patch(f"/v1/users/{user['id']}", primary_email_address_id=second["id"])
    unverified = await backend.patch(f"/v1/users/{user['id']}", primary_email_address_id=third["id"])

    assert chosen.json()["primary_email_address_id"] == second["id"]
    assert error_of(unverified) == (422, "form_param_value_invalid", "primary_email_address_id")


async def test_former_primary_address_is_told_when_asked(server: TestServer, backend: Backend) -> None:
    user = await backend.add_user("ada@example.com")
    second = (
        await backend.post(
            "/v1/email_addresses", user_id=user["id"], email_address="l@example.com", verified=True
        )
    ).json()

    await backend.patch(
        f"/v1/users/{user['id']}",
        primary_email_address_id=second["id"],
        notify_primary_email_address_changed=True,
    )

    subjects = [message["subject"] for message in await server.messages("ada@example.com")]
    assert subjects[:1] == ["Your primary email address for My application was changed"]
    assert await server.messages("l@example.com") == []


async def test_what_is_not_enabled_cannot_be_chosen(backend: Backend) -> None:
    user = await backend.add_user()

    response = await backend.patch(f"/v1/users/{user['id']}", profile_image_id="img_1")

    assert error_of(response) == (422, "form_param_unknown", "profile_image_id")


async def test_bans_and_locks_are_no_part_of_an_update(backend: Backend) -> None:
    user = await backend.add_user()

    response = await backend.patch(f"/v1/users/{user['id']}", banned=True)

    assert error_of(response) == (422, "form_param_unknown", "banned")


async def test_removed_user_is_gone_and_their_session_gets_no_token(
    server: TestServer, backend: Backend
) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    session = client["sessions"][0]
    path = f"/v1/users/{session['user']['id']}"

    response = await backend.delete(path)

    assert response.json() == {"id": session["user"]["id"], "object": "user", "deleted": True}
    assert error_of(await backend.get(path))[:2] == (404, "resource_not_found")
    assert (await browser.token(session["id"])).status_code == 401
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_address_of_a_removed_user_is_free(backend: Backend) -> None:
    user = await backend.add_user("ada@example.com", external_id="crm-1")

    removed = await backend.delete(f"/v1/users/{user['id']}")

    assert removed.json()["external_id"] == "crm-1"
    again = await backend.add_user("ada@example.com", external_id="crm-1")
    assert again["id"] != user["id"]


async def test_unknown_user_is_not_found(backend: Backend) -> None:
    path = "/v1/users/user_unknown"
    for method, of in (
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("PATCH", f"{path}/metadata"),
        ("PUT", f"{path}/metadata"),
    ):
        assert error_of(await backend.call(method, of))[:2] == (404, "resource_not_found"), (method, of)
