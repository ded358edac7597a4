"""Signing up by invitation: the ticket admits a person and verifies their address, once, and no other."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.server.admission.inviting import ADA, invite, open_link, sign_up_with, status_of, ticket_of
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Backend, TestServer

DAY = 24 * 3600
EVE = "eve+clerk_test@example.com"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


# --- what the ticket is good for ----------------------------------------------------------------------------


async def test_ticket_brings_a_verified_address(server: TestServer, backend: Backend) -> None:
    browser = server.browser()

    started = (await sign_up_with(browser, await invite(backend, public_metadata={"team": "blue"}))).json()

    sign_up = started["response"]
    assert (sign_up["status"], sign_up["email_address"]) == ("missing_requirements", ADA)
    assert (sign_up["missing_fields"], sign_up["unverified_fields"]) == (["password"], [])
    assert sign_up["public_metadata"] == {"team": "blue"}
    verification = sign_up["verifications"]["email_address"]
    assert (verification["status"], verification["strategy"]) == ("verified", "ticket")
    assert verification["next_action"] == ""


async def test_invited_person_becomes_a_user_with_the_metadata(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend, public_metadata={"team": "blue"})
    browser = server.browser()
    started = (await sign_up_with(browser, invited)).json()["response"]
    path = f"/v1/client/sign_ups/{started['id']}"

    done = await browser.patch(
        path, strategy="ticket", ticket=ticket_of(invited), email_address=ADA, password=PASSWORD
    )

    sign_up = done.json()["response"]
    assert sign_up["status"] == "complete"
    assert done.json()["client"]["sessions"][0]["id"] == sign_up["created_session_id"]
    user = (await backend.get(f"/v1/users/{sign_up['created_user_id']}")).json()
    assert user["public_metadata"] == {"team": "blue"}
    [email] = user["email_addresses"]
    assert (email["email_address"], email["verification"]["strategy"]) == (ADA, "ticket")
    assert email["verification"]["status"] == "verified"
    assert user["primary_email_address_id"] == email["id"]
    assert await status_of(backend, invited) == "accepted"


async def test_everything_may_come_in_one_request(server: TestServer, backend: Backend) -> None:
    await configure(server, {"sign_up": {"legal_consent": True}})
    invited = await invite(backend)

    missing = await sign_up_with(server.browser(), invited, password=PASSWORD)
    done = await sign_up_with(server.browser(), invited, password=PASSWORD, legal_accepted="true")

    assert missing.json()["response"]["missing_fields"] == ["legal_accepted"]
    assert done.json()["response"]["status"] == "complete"


async def test_invited_people_sign_up_where_sign_ups_are_restricted(
    server: TestServer, backend: Backend
) -> None:
    await configure(server, {"sign_up": {"mode": "restricted"}})
    invited = await invite(backend)
    browser = server.browser()

    uninvited = await browser.post("/v1/client/sign_ups", email_address=ADA, password=PASSWORD)
    forged = await browser.post("/v1/client/sign_ups", strategy="ticket", ticket="ticket")
    done = await sign_up_with(browser, invited, password=PASSWORD)

    assert error_of(uninvited)[:2] == (403, "sign_up_mode_restricted")
    assert error_of(forged)[:2] == (400, "ticket_invalid_code")
    assert done.json()["response"]["status"] == "complete"


async def test_ticket_can_be_added_to_a_sign_up_that_has_begun(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend, public_metadata={"team": "blue"})
    browser = server.browser()
    begun = await browser.begin_sign_up(EVE)

    done = await browser.patch(f"/v1/client/sign_ups/{begun['id']}", ticket=ticket_of(invited))

    sign_up = done.json()["response"]
    assert (sign_up["status"], sign_up["email_address"]) == ("complete", ADA)
    user = (await backend.get(f"/v1/users/{sign_up['created_user_id']}")).json()
    assert [one["email_address"] for one in user["email_addresses"]] == [ADA]
    assert user["public_metadata"] == {"team": "blue"}


async def test_strategy_without_its_ticket_is_refused(server: TestServer) -> None:
    refused = await server.browser().post("/v1/client/sign_ups", strategy="ticket")

    assert error_of(refused) == (422, "form_param_missing", "ticket")


# --- what it is not good for --------------------------------------------------------------------------------


async def test_invited_person_cannot_sign_up_with_another_address(
    server: TestServer, backend: Backend
) -> None:
    """Neither the right to sign up nor the metadata are for another address."""
    await configure(server, {"sign_up": {"mode": "restricted"}})
    invited = await invite(backend, public_metadata={"role": "admin"})
    browser = server.browser()
    at_once = await sign_up_with(browser, invited, email_address=EVE, password=PASSWORD)
    begun = (await sign_up_with(browser, invited)).json()["response"]
    path = f"/v1/client/sign_ups/{begun['id']}"

    later = await browser.patch(path, email_address=EVE)
    with_code = await browser.patch(path, email_address=EVE, strategy="email_code")
    with_ticket = await browser.patch(path, email_address=EVE, strategy="ticket", ticket=ticket_of(invited))
    prepared = await browser.post(f"{path}/prepare_verification", strategy="email_code")
    attempted = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)

    for refused in (at_once, later, with_code, with_ticket):
        assert error_of(refused) == (422, "form_param_format_invalid", "email_address")
    assert error_of(prepared)[:2] == (400, "verification_already_verified")
    assert attempted.status_code == 400
    shown = (await browser.get(path)).json()["response"]
    assert (shown["email_address"], shown["unverified_fields"]) == (ADA, [])
    assert (await backend.get("/v1/users/count")).json()["total_count"] == 0


@pytest.mark.parametrize("address", ["", "ADA@EXAMPLE.com"])
async def test_address_that_forms_send_along_changes_nothing(
    server: TestServer, backend: Backend, address: str
) -> None:
    browser = server.browser()
    begun = (await sign_up_with(browser, await invite(backend))).json()["response"]

    done = await browser.patch(f"/v1/client/sign_ups/{begun['id']}", email_address=address, password=PASSWORD)

    assert done.json()["response"]["status"] == "complete"
    assert done.json()["response"]["email_address"] == ADA


async def test_proof_of_another_address_does_not_pass_to_the_invited_one(
    server: TestServer, backend: Backend
) -> None:
    """A code that was sent before the ticket came is of no use to it, nor to the address it was sent to."""
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ups", email_address=EVE)).json()["response"]
    path = f"/v1/client/sign_ups/{begun['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    await browser.patch(path, ticket=ticket_of(await invite(backend)))

    attempted = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)

    assert error_of(attempted)[:2] == (400, "verification_missing")
    assert (await browser.get(path)).json()["response"]["email_address"] == ADA


async def test_ticket_is_used_up_by_one_person(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    slow = server.browser()
    begun = (await sign_up_with(slow, invited)).json()["response"]
    first = await sign_up_with(server.browser(), invited, password=PASSWORD)
    await backend.delete(f"/v1/users/{first.json()['response']['created_user_id']}")

    replayed = await sign_up_with(server.browser(), invited, password=PASSWORD)
    finished = await slow.patch(f"/v1/client/sign_ups/{begun['id']}", password=PASSWORD)

    assert error_of(replayed)[:2] == error_of(finished)[:2] == (400, "ticket_invalid_code")
    assert (await backend.get("/v1/users/count")).json()["total_count"] == 0


async def test_of_parallel_sign_ups_by_one_ticket_one_completes(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    browsers = [server.browser() for _ in range(6)]

    answers = await asyncio.gather(*(sign_up_with(one, invited, password=PASSWORD) for one in browsers))

    assert [answer.status_code for answer in answers].count(200) == 1
    # The later request is told that the ticket was used, or that its address is taken.
    codes = {error_of(answer)[1] for answer in answers if answer.status_code != 200}
    assert codes <= {"ticket_invalid_code", "form_identifier_exists"}
    assert (await backend.get("/v1/users/count")).json()["total_count"] == 1
    assert await status_of(backend, invited) == "accepted"


async def test_revoking_and_finishing_at_once_is_one_or_the_other(
    server: TestServer, backend: Backend
) -> None:
    invited = await invite(backend)
    browser = server.browser()
    begun = (await sign_up_with(browser, invited)).json()["response"]

    finished, revoked = await asyncio.gather(
        browser.patch(f"/v1/client/sign_ups/{begun['id']}", password=PASSWORD),
        backend.post(f"/v1/invitations/{invited['id']}/revoke"),
    )

    assert sorted((finished.status_code, revoked.status_code)) == [200, 400]
    users = (await backend.get("/v1/users/count")).json()["total_count"]
    assert users == (1 if finished.status_code == 200 else 0)


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_invitation_that_ends_during_the_sign_up_does_not_complete_it(
    server: TestServer, backend: Backend, end: str
) -> None:
    invited = await invite(backend, expires_in_days=1)
    server.clock.advance(seconds=DAY - 60)
    browser = server.browser()
    begun = (await sign_up_with(browser, invited)).json()["response"]
    if end == "revoked":
        await backend.post(f"/v1/invitations/{invited['id']}/revoke")
    else:
        server.clock.advance(seconds=60)

    refused = await browser.patch(f"/v1/client/sign_ups/{begun['id']}", password=PASSWORD)

    expected = "ticket_invalid_code" if end == "revoked" else "ticket_expired_code"
    assert error_of(refused)[:2] == (400, expected)
    assert (await backend.get("/v1/users/count")).json()["total_count"] == 0


async def test_expired_ticket_is_refused_everywhere(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend, expires_in_days=1)
    server.clock.advance(seconds=DAY)
    browser = server.browser()

    opened = await open_link(browser, invited)
    signed_up = await sign_up_with(browser, invited, password=PASSWORD)
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket_of(invited))

    for refused in (opened, signed_up, signed_in):
        assert error_of(refused)[:2] == (400, "ticket_expired_code")


async def test_ticket_of_another_instance_or_another_kind_is_refused(
    server: TestServer, backend: Backend
) -> None:
    user = await backend.add_user()
    sign_in_token = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()["token"]
    elsewhere = ticket_of(await invite(await server.neighbour(), "grace@example.com"))
    host = {"host": "clerk.tidy-otter-42.localhost"}

    for ticket in (sign_in_token, elsewhere, elsewhere + "x", "a.b.c", "-"):
        browser = server.browser(headers=host)
        refused = await browser.post("/v1/client/sign_ups", strategy="ticket", ticket=ticket)
        assert error_of(refused)[:2] == (400, "ticket_invalid_code")
    opened = await server.browser(headers=host).get("/v1/tickets/accept", ticket=elsewhere)
    assert error_of(opened)[:2] == (400, "ticket_invalid_code")


async def test_who_is_signed_in_does_not_sign_up_by_ticket(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    browser = server.browser()
    await browser.sign_up(EVE)

    refused = await sign_up_with(browser, invited, password=PASSWORD)

    assert error_of(refused)[:2] == (400, "session_exists")
    assert await status_of(backend, invited) == "pending"


async def test_ticket_does_not_go_with_a_transfer(server: TestServer, backend: Backend) -> None:
    refused = await sign_up_with(server.browser(), await invite(backend), transfer="true")

    assert error_of(refused)[:2] == (400, "account_transfer_invalid")


# --- who has an account -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [False, True], ids=["open", "accounts hidden"])
async def test_who_has_an_account_does_not_get_another_one(
    server: TestServer, backend: Backend, hidden: bool
) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": hidden}})
    invited = await invite(backend)
    await backend.add_user(ADA)

    refused = await sign_up_with(server.browser(), invited, password=PASSWORD)

    assert error_of(refused) == (422, "form_identifier_exists", "email_address")
    assert await status_of(backend, invited) == "pending"


@pytest.mark.parametrize("hidden", [False, True], ids=["open", "accounts hidden"])
async def test_invitation_names_an_account_and_does_not_open_it(
    server: TestServer, backend: Backend, hidden: bool
) -> None:
    """It is in a mailbox for weeks: a user who has an account by now signs in as always."""
    await configure(server, {"attack_protection": {"enumeration_protection": hidden}})
    invited = await invite(backend, public_metadata={"role": "admin"})
    user = await backend.create_user(ADA)
    browser = server.browser()

    started = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket_of(invited))

    sign_in = started.json()["response"]
    assert (sign_in["status"], sign_in["identifier"]) == ("needs_first_factor", ADA)
    assert sign_in["created_session_id"] is None
    assert started.json()["client"]["sessions"] == []
    done = await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor", strategy="password", password=PASSWORD
    )
    assert done.json()["response"]["status"] == "complete"
    shown = (await backend.get(f"/v1/users/{user['id']}")).json()
    assert shown["public_metadata"] == {}


async def test_sign_in_with_a_ticket_says_that_there_is_no_account_yet(
    server: TestServer, backend: Backend
) -> None:
    invited = await invite(backend)

    refused = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=ticket_of(invited))

    assert error_of(refused)[:2] == (400, "invitation_account_not_exists")
    assert (await sign_up_with(server.browser(), invited)).status_code == 200


async def test_unverified_claim_of_another_user_does_not_keep_the_invited_person_out(
    server: TestServer, backend: Backend
) -> None:
    browser = server.browser()
    await browser.sign_up(EVE)
    claimed = await browser.post("/v1/me/email_addresses", email_address=ADA)
    assert claimed.status_code == 200, claimed.text

    done = await sign_up_with(server.browser(), await invite(backend), password=PASSWORD)

    user: dict[str, Any] = (
        await backend.get(f"/v1/users/{done.json()['response']['created_user_id']}")
    ).json()
    assert [one["email_address"] for one in user["email_addresses"]] == [ADA]


async def test_ticket_never_shows_in_the_address_of_an_error(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)
    await backend.post(f"/v1/invitations/{invited['id']}/revoke")

    refused = await open_link(server.browser(origin=None), invited)

    assert ticket_of(invited) not in refused.text
    assert urlsplit(refused.headers.get("location", "")).query == ""
