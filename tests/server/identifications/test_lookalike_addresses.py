"""Addresses that look or sort alike and have different owners: who proves one has nothing of the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.organizations import add_organization, enable_organizations
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

# The domain or the local part of each pair folds to the same letters, and belongs to two owners.
LOOKALIKES = [
    pytest.param("info+clerk_test@faß.example", "info+clerk_test@fass.example", id="sharp-s"),
    pytest.param("τέλος+clerk_test@x.example", "τέλοσ+clerk_test@x.example", id="final-sigma"),
    pytest.param("in\ufb01+clerk_test@x.example", "infi+clerk_test@x.example", id="ligature"),
    pytest.param("me\u017f\u017fe+clerk_test@x.example", "messe+clerk_test@x.example", id="long-s"),
]
TAKEOVER = pytest.mark.parametrize(("attacker", "victim"), LOOKALIKES)
# One address, in spellings that people and programs use.
SPELLINGS = [
    pytest.param("jos\u00e9@faß.example", "JOSe\u0301@XN--FA-HIA.Example", id="nfd-and-punycode"),
    pytest.param("jose@xn--fa-hia.example", "Jose@FAß.example", id="unicode-domain"),
    pytest.param("jose@example.com", " JOSE@\uff25XAMPL\uff25\u3002com ", id="full-width-domain"),
]
SPELT = pytest.mark.parametrize(("stored", "asked"), SPELLINGS)


@pytest.fixture
async def open_to_all(server: TestServer) -> TestServer:
    """Passwords are optional, so that an address is all that a sign-up takes."""
    await configure(server, {"attributes": {"password": {"required": False}}})
    return server


async def begin(browser: Browser, address: str, **fields: Any) -> str:
    """The path of a sign-in that a code was sent for."""
    begun = await browser.post(
        "/v1/client/sign_ins", identifier=address, strategy="email_code", sign_up_if_missing="true", **fields
    )
    assert begun.status_code == 200, begun.text
    return f"/v1/client/sign_ins/{begun.json()['response']['id']}"


@TAKEOVER
async def test_code_for_a_lookalike_address_does_not_sign_in_as_the_one_who_signed_up_meanwhile(
    open_to_all: TestServer, attacker: str, victim: str
) -> None:
    browser = open_to_all.browser()
    path = await begin(browser, attacker)
    await open_to_all.browser().sign_up(victim)

    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert error_of(proven)[1] == "sign_up_if_missing_transfer"
    assert proven.json()["meta"]["client"]["sessions"] == []


@TAKEOVER
async def test_both_owners_of_lookalike_addresses_have_their_own_account(
    server: TestServer, attacker: str, victim: str
) -> None:
    await server.browser().sign_up(attacker)

    client = await server.browser().sign_up(victim)

    assert client["sessions"][0]["user"]["email_addresses"][0]["email_address"] == victim


@TAKEOVER
async def test_address_filter_never_returns_the_twin(server: TestServer, attacker: str, victim: str) -> None:
    backend = server.backend()
    ours = await backend.add_user(attacker)
    theirs = await backend.add_user(victim)

    found = (await backend.get("/v1/users", email_address=victim)).json()

    assert [user["id"] for user in found] == [theirs["id"]] != [ours["id"]]


@TAKEOVER
@pytest.mark.parametrize("name", ["email_address_query", "query"])
async def test_search_for_an_address_never_returns_the_twin(
    server: TestServer, attacker: str, victim: str, name: str
) -> None:
    backend = server.backend()
    ours = await backend.add_user(attacker)
    theirs = await backend.add_user(victim)

    for address, user in ((attacker, ours), (victim, theirs)):
        found = (await backend.get("/v1/users", **{name: address})).json()
        assert [one["id"] for one in found] == [user["id"]]


@TAKEOVER
async def test_invitation_to_an_organization_is_not_accepted_from_a_lookalike_address(
    server: TestServer, attacker: str, victim: str
) -> None:
    backend = server.backend()
    owner = await backend.add_user("owner@example.com")
    await enable_organizations(server)
    organization = await add_organization(backend, created_by=owner["id"])
    invited = await backend.post(
        f"/v1/organizations/{organization['id']}/invitations", email_address=victim, role="org:admin"
    )
    browser = server.browser()
    await browser.sign_up(attacker)

    accepted = await browser.post(f"/v1/me/organization_invitations/{invited.json()['id']}/accept")

    assert accepted.status_code == 404
    shown = await browser.get("/v1/me/organization_invitations")
    assert shown.json()["response"]["data"] == []


@TAKEOVER
async def test_invitation_does_not_sign_up_a_lookalike_address(
    server: TestServer, attacker: str, victim: str
) -> None:
    # The contract's answer knows ASCII addresses only.
    invited = await server.backend().http.post("/v1/invitations", json={"email_address": victim})
    ticket = invited.json()["url"].partition("ticket=")[2]

    refused = await server.browser().post(
        "/v1/client/sign_ups", ticket=ticket, email_address=attacker, password=PASSWORD
    )

    assert error_of(refused)[0] == 422


@SPELT
async def test_every_spelling_of_an_address_finds_its_user(
    server: TestServer, stored: str, asked: str
) -> None:
    backend = server.backend()
    user = await backend.create_user(stored)

    client = await server.browser().sign_in(asked)
    filtered = (await backend.get("/v1/users", email_address=asked)).json()
    counted = (await backend.get("/v1/users/count", email_address=asked)).json()
    searched = (await backend.get("/v1/users", email_address_query=asked)).json()

    assert client["sessions"][0]["user"]["id"] == user["id"]
    assert [one["id"] for one in filtered] == [one["id"] for one in searched] == [user["id"]]
    assert counted["total_count"] == 1


@SPELT
async def test_no_spelling_of_a_taken_address_is_free(server: TestServer, stored: str, asked: str) -> None:
    await server.backend().add_user(stored)

    taken = await server.backend().post("/v1/users", email_address=[asked], skip_password_requirement=True)

    assert error_of(taken)[:2] == (422, "form_identifier_exists")


@SPELT
async def test_every_spelling_of_an_address_finds_its_invitations(
    server: TestServer, stored: str, asked: str
) -> None:
    backend = server.backend()
    owner = await backend.add_user("owner@example.com")
    await enable_organizations(server)
    organization = await add_organization(backend, created_by=owner["id"])
    path = f"/v1/organizations/{organization['id']}/invitations"
    await backend.post(path, email_address=stored, role="org:member")
    # The contract's answer knows ASCII addresses only.
    await backend.http.post("/v1/invitations", json={"email_address": stored})

    in_organization = (await backend.get(path, email_address=asked)).json()
    to_sign_up = (await backend.http.get("/v1/invitations", params={"query": asked.strip()})).json()

    assert in_organization["total_count"] == 1
    assert len(to_sign_up) == 1


async def test_username_with_a_kelvin_sign_does_not_sign_in_as_its_lookalike(server: TestServer) -> None:
    await configure(server, {"attributes": {"username": {"enabled": True, "identifier": True}}})
    await server.backend().add_user("kelvin@example.com", username="kelvin")

    refused = await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier="\u212aelvin", password=PASSWORD
    )

    assert refused.status_code == 422


@pytest.mark.parametrize("second", ["removed", "someone_elses_now"])
async def test_code_proves_nothing_once_its_address_is_not_the_users_any_more(
    server: TestServer, second: str
) -> None:
    backend = server.backend()
    user = await backend.add_user("ada+clerk_test@example.com")
    old = user["email_addresses"][0]["id"]
    browser = server.browser()
    begun = await browser.post(
        "/v1/client/sign_ins", identifier="ada+clerk_test@example.com", strategy="email_code"
    )
    added = await backend.post(
        "/v1/email_addresses",
        user_id=user["id"],
        email_address="new+clerk_test@example.com",
        verified=True,
        primary=True,
    )
    assert added.status_code == 200, added.text
    await backend.delete(f"/v1/email_addresses/{old}")
    if second == "someone_elses_now":
        await backend.add_user("ada+clerk_test@example.com")

    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
    proven = await browser.post(path, strategy="email_code", code=TEST_CODE)

    signed_in = (await browser.get("/v1/client")).json()["response"]["sessions"]
    assert user["id"] not in [session["user"]["id"] for session in signed_in], proven.text
