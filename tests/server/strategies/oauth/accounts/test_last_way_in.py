"""A user keeps a way to sign in, whatever the ways are: of each pair the first one goes, and the last one
stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import AWAY, land, resource
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import Authenticator, register
from tests.support.server import PASSWORD, TestServer
from tests.support.services.openid_provider import OpenIdProvider

ADDRESS, NUMBER = "ada@example.com", "+12015550100"
OWN: dict[str, Any] = {"required": False, "verify_at_sign_up": False}
ATTRIBUTES: dict[str, Any] = {
    "email_address": OWN,
    "phone_number": OWN
    | {
        "enabled": True,
        "identifier": True,
        "first_factors": ["phone_code"],
        "verifications": ["phone_code"],
    },
    "username": OWN | {"enabled": True, "identifier": True},
    "password": {"required": False},
    "passkey": {"enabled": True},
}


class Person:
    """A user and the browser in which they are signed in."""

    def __init__(self, server: TestServer, provider: OpenIdProvider) -> None:
        self.server, self.provider, self.browser = server, provider, server.browser()

    async def begin(self, *ways: str) -> None:
        """Makes a user with these ways in, and signs them in by none of them."""
        fields: dict[str, Any] = {"skip_password_requirement": True, "skip_user_requirement": True}
        if "password" in ways:
            fields["password"] = PASSWORD
        if "email_address" in ways:
            fields["email_address"] = [ADDRESS]
        if "phone_number" in ways:
            fields["phone_number"] = [NUMBER]
        if "username" in ways:
            fields["username"] = "ada_lovelace"
        made = await self.server.backend().post("/v1/users", **fields)
        assert made.status_code == 200, made.text
        token = await self.server.backend().post("/v1/sign_in_tokens", user_id=made.json()["id"])
        signed_in = await self.browser.post(
            "/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"]
        )
        assert resource(signed_in)["status"] == "complete"
        if "passkey" in ways:
            assert (await register(self.browser, Authenticator())).status_code == 200
        if "external_account" in ways:
            begun = resource(await self.browser.post("/v1/me/external_accounts", **AWAY))
            url = begun["verification"]["external_verification_redirect_url"]
            await land(self.browser, self.provider.authorize(url))

    async def me(self) -> dict[str, Any]:
        return resource(await self.browser.get("/v1/me"))

    async def remove(self, way: str) -> httpx.Response:
        user = await self.me()
        removals: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "password": lambda: self.browser.post("/v1/me/remove_password", current_password=PASSWORD),
            "username": lambda: self.browser.patch("/v1/me", username=""),
            "email_address": lambda: self._delete("email_addresses", user),
            "phone_number": lambda: self._delete("phone_numbers", user),
            "external_account": lambda: self._delete("external_accounts", user),
            "passkey": lambda: self._delete("passkeys", user),
        }
        return await removals[way]()

    async def _delete(self, plural: str, user: dict[str, Any]) -> httpx.Response:
        return await self.browser.delete(f"/v1/me/{plural}/{user[plural][0]['id']}")


@pytest.fixture
async def person(running_provider: OpenIdProvider, server: TestServer) -> Person:
    running_provider.reset()
    await configure(server, {"attributes": ATTRIBUTES, "social": [social(running_provider)]})
    return Person(server, running_provider)


ALONE = ("email_address", "phone_number", "passkey", "external_account")
"""Ways in that need no other."""


@pytest.mark.parametrize("last", ALONE)
@pytest.mark.parametrize("first", ALONE)
async def test_last_way_in_stays(person: Person, first: str, last: str) -> None:
    if first == last:
        await person.begin(last)
    else:
        await person.begin(first, last)
        removed = await person.remove(first)
        assert removed.status_code == 200, removed.text

    refused = await person.remove(last)

    assert error_of(refused)[:2] == (400, "last_required_identification_deletion_failed")


@pytest.mark.parametrize(
    ("ways", "needed"),
    [
        (("username", "password"), "username"),
        (("email_address", "password"), "email_address"),
        (("phone_number", "password"), "phone_number"),
    ],
)
async def test_identifier_of_the_password_stays(person: Person, ways: tuple[str, ...], needed: str) -> None:
    await person.begin(*ways)

    refused = await person.remove(needed)

    assert error_of(refused)[:2] == (400, "last_required_identification_deletion_failed")


async def test_password_stays_where_the_username_alone_is_left(person: Person) -> None:
    await person.begin("username", "password")

    assert error_of(await person.remove("password"))[0] == 400


@pytest.mark.parametrize("way", ALONE)
async def test_password_and_username_go_where_another_way_is_left(person: Person, way: str) -> None:
    await person.begin("username", "password", way)

    assert (await person.remove("password")).status_code == 200
    assert (await person.remove("username")).status_code == 200


async def test_address_that_every_user_must_have_stays(person: Person) -> None:
    await configure(person.server, {"attributes": {"email_address": {"required": True}}})
    await person.begin("email_address", "passkey")

    refused = await person.remove("email_address")

    assert error_of(refused)[:2] == (400, "last_required_identification_deletion_failed")


async def test_account_at_a_site_that_is_switched_off_is_no_way_in(person: Person) -> None:
    await person.begin("email_address", "external_account")
    off = social(person.provider, authenticatable=False)
    await configure(person.server, {"social": [off]})

    refused = await person.remove("email_address")

    assert error_of(refused)[0] == 400


async def test_last_two_ways_in_are_not_removed_at_the_same_time(person: Person) -> None:
    await person.begin("email_address", "external_account")

    answers = await asyncio.gather(person.remove("email_address"), person.remove("external_account"))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
