"""A user's passkeys: named and removed, by themselves and by an application's backend."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import (
    ADA,
    PASSKEYS,
    Authenticator,
    register,
    sign_in_with,
    signed_up_by_mail,
    with_passkey,
)
from tests.support.server import Browser, JsonObject, TestServer


async def passkeys_of(browser: Browser) -> list[JsonObject]:
    return (await browser.get("/v1/me")).json()["response"]["passkeys"]


async def test_passkey_is_renamed(server: TestServer) -> None:
    browser, passkey = await with_passkey(server, Authenticator())

    renamed = await browser.patch(f"/v1/me/passkeys/{passkey['id']}", name="  Telephone ")

    assert renamed.json()["response"]["name"] == "Telephone"
    assert (await passkeys_of(browser))[0]["name"] == "Telephone"


@pytest.mark.parametrize(
    ("name", "code"), [(" ", "form_param_nil"), ("x" * 257, "form_param_max_length_exceeded")]
)
async def test_name_that_is_empty_or_too_long_is_refused(server: TestServer, name: str, code: str) -> None:
    browser, passkey = await with_passkey(server, Authenticator())

    refused = await browser.patch(f"/v1/me/passkeys/{passkey['id']}", name=name)

    assert error_of(refused) == (422, code, "name")


async def test_passkey_that_is_not_registered_has_no_name_of_its_own(server: TestServer) -> None:
    browser, _ = await with_passkey(server, Authenticator())
    begun = (await browser.post("/v1/me/passkeys")).json()["response"]

    refused = await browser.patch(f"/v1/me/passkeys/{begun['id']}", name="Telephone")

    assert error_of(refused)[:2] == (422, "passkey_identification_not_verified")


async def test_removed_passkey_signs_in_no_more(server: TestServer) -> None:
    authenticator = Authenticator()
    browser, passkey = await with_passkey(server, authenticator)

    removed = await browser.delete(f"/v1/me/passkeys/{passkey['id']}")

    refused = await sign_in_with(server.browser(), authenticator)
    started = await server.browser().post("/v1/client/sign_ins", identifier=ADA)
    strategies = [one["strategy"] for one in started.json()["response"]["supported_first_factors"]]
    assert removed.json()["response"] == {"object": "passkey", "id": passkey["id"], "deleted": True}
    assert error_of(refused)[:2] == (404, "passkey_not_registered")
    assert await passkeys_of(browser) == []
    assert "passkey" not in strategies


async def test_passkey_of_another_user_is_neither_read_nor_changed(server: TestServer) -> None:
    ada, passkey = await with_passkey(server, Authenticator())
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    path = f"/v1/me/passkeys/{passkey['id']}"

    answers = [await grace.get(path), await grace.patch(path, name="Mine"), await grace.delete(path)]

    assert [error_of(answer)[0] for answer in answers] == [404, 404, 404]
    assert await passkeys_of(ada) == [passkey]


async def test_removal_in_an_old_session_must_be_reverified_first(server: TestServer) -> None:
    browser, passkey = await with_passkey(server, Authenticator())
    server.clock.advance(seconds=11 * 60)

    refused = await browser.delete(f"/v1/me/passkeys/{passkey['id']}")

    assert error_of(refused)[:2] == (403, "session_reverification_required")


async def with_passkeys_alone(server: TestServer, count: int) -> tuple[Browser, list[JsonObject]]:
    """A user with a username, a password that is then removed, and passkeys."""
    attributes = {
        "passkey": {"enabled": True},
        "username": {"enabled": True, "identifier": True},
        "password": {"required": False},
        "email_address": {"required": False, "first_factors": []},
    }
    await configure(server, {"attributes": attributes})
    browser = server.browser()
    await browser.sign_up(ADA, username="ada_l")
    for _ in range(count):
        assert (await register(browser, Authenticator())).status_code == 200
    return browser, await passkeys_of(browser)


async def test_password_is_not_needed_by_a_user_with_a_passkey(server: TestServer) -> None:
    browser, _ = await with_passkeys_alone(server, 1)

    removed = await browser.post("/v1/me/remove_password", current_password="correct horse battery staple")

    assert removed.status_code == 200, removed.text


async def test_last_way_to_sign_in_is_not_removed(server: TestServer) -> None:
    browser, (passkey,) = await with_passkeys_alone(server, 1)
    await browser.post("/v1/me/remove_password", current_password="correct horse battery staple")

    refused = await browser.delete(f"/v1/me/passkeys/{passkey['id']}")

    assert error_of(refused)[:2] == (400, "last_required_identification_deletion_failed")
    assert await passkeys_of(browser) == [passkey]


async def test_last_two_passkeys_are_not_removed_by_requests_at_the_same_time(server: TestServer) -> None:
    browser, passkeys = await with_passkeys_alone(server, 2)
    await browser.post("/v1/me/remove_password", current_password="correct horse battery staple")

    answers = await asyncio.gather(*(browser.delete(f"/v1/me/passkeys/{one['id']}") for one in passkeys))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert len(await passkeys_of(browser)) == 1


async def test_backend_sees_passkeys_and_removes_them(server: TestServer) -> None:
    authenticator = Authenticator()
    browser, passkey = await with_passkey(server, authenticator)
    backend = server.backend()
    user_id = (await browser.get("/v1/me")).json()["response"]["id"]

    before = (await backend.get(f"/v1/users/{user_id}")).json()["passkeys"]
    listed = (await backend.get("/v1/users", query=ADA)).json()[0]["passkeys"]
    removed = await backend.delete(f"/v1/users/{user_id}/passkeys/{passkey['id']}")
    again = await backend.delete(f"/v1/users/{user_id}/passkeys/{passkey['id']}")

    assert before == listed
    assert (before[0]["id"], before[0]["name"]) == (passkey["id"], "iCloud Keychain")
    assert before[0]["last_used_at"] == passkey["created_at"]
    assert removed.json() == {"object": "passkey", "id": passkey["id"], "deleted": True}
    assert error_of(again)[:2] == (404, "resource_not_found")
    assert (await backend.get(f"/v1/users/{user_id}")).json()["passkeys"] == []
    assert error_of(await sign_in_with(server.browser(), authenticator))[0] == 404


async def test_backend_of_another_instance_or_user_removes_nothing(server: TestServer) -> None:
    browser, passkey = await with_passkey(server, Authenticator())
    user_id = (await browser.get("/v1/me")).json()["response"]["id"]
    backend = server.backend()
    other = await backend.add_user("grace@example.com")
    neighbour = await server.neighbour()

    answers = [
        await neighbour.delete(f"/v1/users/{user_id}/passkeys/{passkey['id']}"),
        await backend.delete(f"/v1/users/{other['id']}/passkeys/{passkey['id']}"),
    ]

    assert [error_of(answer)[0] for answer in answers] == [404, 404]
    assert len((await backend.get(f"/v1/users/{user_id}")).json()["passkeys"]) == 1


@pytest.mark.parametrize("by_backend", [False, True])
async def test_user_is_told_of_a_removed_passkey_by_mail(server: TestServer, by_backend: bool) -> None:
    await configure(server, PASSKEYS)
    browser = await signed_up_by_mail(server, "ada@example.com")
    passkey = (await register(browser, Authenticator())).json()["response"]
    user_id = (await browser.get("/v1/me")).json()["response"]["id"]

    if by_backend:
        await server.backend().delete(f"/v1/users/{user_id}/passkeys/{passkey['id']}")
    else:
        await browser.delete(f"/v1/me/passkeys/{passkey['id']}")

    message = (await server.messages("ada@example.com"))[0]
    assert message["kind"] == "passkey_removed"
    assert "iCloud Keychain" in message["text"]


async def test_name_of_a_passkey_brings_no_link_into_a_mail(server: TestServer) -> None:
    """Of a person who has taken over a session, and renames what they then remove."""
    await configure(server, PASSKEYS)
    browser = await signed_up_by_mail(server, "ada@example.com")
    passkey = (await register(browser, Authenticator())).json()["response"]
    path = f"/v1/me/passkeys/{passkey['id']}"
    await browser.patch(path, name="Call support at https://evil.example or evil.example\nnow")

    await browser.delete(path)

    text = (await server.messages("ada@example.com"))[0]["text"]
    assert "evil.example" not in text
    assert "Call support at" in text
