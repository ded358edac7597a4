"""The server cannot be used to flood a mailbox or to send an attacker's text to strangers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from greffier.server.delivery.addresses import mailbox
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.organizations import add_organization, path_of
from tests.support.server import LIVE_SECRET_KEY, PRODUCTION, Backend, Browser, TestServer, running

HOUR = 3601
TOO_MANY = (429, "too_many_requests")


@pytest.fixture
async def production(production_database: str) -> AsyncIterator[TestServer]:
    """With the true figures."""
    async with running(production_database, PRODUCTION, show_inbox=False, rate_limit_scale=1.0) as started:
        await configure(started, {"organizations": {"enabled": True}})
        yield started


@pytest.fixture
def backend(production: TestServer) -> Backend:
    return production.backend(secret_key=LIVE_SECRET_KEY)


def visitor(server: TestServer, address: str = "192.0.2.1") -> Browser:
    browser = server.browser(origin="https://example.com", base_url="https://clerk.example.com")
    browser.http._transport = httpx.ASGITransport(app=server.app, client=(address, 4711))
    return browser


async def signed_in(server: TestServer, backend: Backend, user_id: str) -> Browser:
    browser = visitor(server)
    token = (await backend.post("/v1/sign_in_tokens", user_id=user_id)).json()["token"]
    done = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    assert done.json()["response"]["status"] == "complete", done.text
    return browser


async def outcomes(server: TestServer, times: int, call: Any) -> list[int]:
    """The statuses of so many calls, slowly enough for the limit of the network address."""
    found: list[int] = []
    for number in range(times):
        found.append((await call(number)).status_code)
        server.clock.advance(seconds=2.1)
    return found


async def test_member_does_not_invite_more_often_than_the_published_figure(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user()
    acme = await add_organization(backend, created_by=ada["id"], max_allowed_memberships=0)
    browser = await signed_in(production, backend, ada["id"])
    path = path_of(acme, "invitations")

    answers = await outcomes(
        production,
        251,
        lambda n: browser.post(path, email_address=f"u{n}@x{n}.example", role="org:member"),
    )

    assert answers == [200] * 250 + [429]


async def test_member_does_not_invite_many_at_once_more_often_than_the_published_figure(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user()
    acme = await add_organization(backend, created_by=ada["id"], max_allowed_memberships=0)
    browser = await signed_in(production, backend, ada["id"])
    path = path_of(acme, "invitations", "bulk")

    answers = await outcomes(
        production,
        51,
        lambda n: browser.post(path, email_address=[f"u{n}@example.com"], role="org:member"),
    )

    assert answers == [200] * 50 + [429]


async def test_member_does_not_invite_more_often_by_changing_the_organization(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user()
    organizations = [
        await add_organization(backend, f"Acme {n}", created_by=ada["id"], max_allowed_memberships=0)
        for n in range(3)
    ]
    browser = await signed_in(production, backend, ada["id"])

    answers = await outcomes(
        production,
        51,
        lambda n: browser.post(
            path_of(organizations[n % 3], "invitations", "bulk"),
            email_address=[f"u{n}@example.com"],
            role="org:member",
        ),
    )

    assert answers == [200] * 50 + [429]


async def test_both_apis_count_the_invitations_of_an_organization_together(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user()
    acme = await add_organization(backend, created_by=ada["id"], max_allowed_memberships=0)
    path = path_of(acme, "invitations", "bulk")
    for number in range(50):
        body = [{"email_address": f"u{number}@example.com", "role": "org:member"}]
        assert (await backend.call("POST", path, body)).status_code == 200

    browser = await signed_in(production, backend, ada["id"])
    refused = await browser.post(path, email_address=["one@example.com"], role="org:member")

    assert error_of(refused)[:2] == TOO_MANY


async def test_inviting_and_revoking_does_not_flood_a_mailbox(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user()
    acme = await add_organization(backend, created_by=ada["id"], max_allowed_memberships=0)
    browser = await signed_in(production, backend, ada["id"])

    async def invite_and_revoke(number: int) -> httpx.Response:
        made = await browser.post(
            path_of(acme, "invitations"), email_address="victim@example.com", role="org:member"
        )
        if made.status_code == 200:
            await browser.post(path_of(acme, "invitations", made.json()["response"]["id"], "revoke"))
        return made

    assert await outcomes(production, 11, invite_and_revoke) == [200] * 10 + [429]


@pytest.mark.parametrize(
    "alias", ["v.ic.tim@example.com", "VICTIM+{n}@example.com", "v.i.c.t.i.m+{n}@example.com"]
)
async def test_aliases_of_a_mailbox_do_not_get_more_codes(production: TestServer, alias: str) -> None:
    answers: list[int] = []
    for number in range(11):
        begun = await visitor(production, f"192.0.2.{number}").post(
            "/v1/client/sign_ups",
            email_address="victim@example.com" if number == 0 else alias.format(n=number),
            strategy="email_code",
        )
        answers.append(begun.status_code)

    assert answers == [200] * 10 + [429]


async def test_codes_and_invitations_to_a_mailbox_count_together(
    production: TestServer, backend: Backend
) -> None:
    for number in range(5):
        begun = await visitor(production, f"192.0.2.{number}").post(
            "/v1/client/sign_ups", email_address="victim@example.com", strategy="email_code"
        )
        assert begun.status_code == 200
    for number in range(5):
        body = {"email_address": f"victim+{number}@example.com"}
        assert (await backend.call("POST", "/v1/invitations", body)).status_code == 200

    refused = await backend.call("POST", "/v1/invitations", {"email_address": "victim+6@example.com"})

    assert error_of(refused)[:2] == TOO_MANY


async def test_stranger_is_not_invited_again_and_again(production: TestServer, backend: Backend) -> None:
    for _ in range(10):
        body = {"email_address": "victim@example.com", "ignore_existing": True}
        assert (await backend.call("POST", "/v1/invitations", body)).status_code == 200
        production.clock.advance(seconds=120)

    refused = await backend.call(
        "POST", "/v1/invitations", {"email_address": "victim@example.com", "ignore_existing": True}
    )
    production.clock.advance(seconds=HOUR)
    later = await backend.call(
        "POST", "/v1/invitations", {"email_address": "victim@example.com", "ignore_existing": True}
    )

    assert error_of(refused)[:2] == TOO_MANY
    assert later.status_code == 200


async def test_full_mailbox_does_not_keep_a_user_from_changing_their_primary_address(
    production: TestServer, backend: Backend
) -> None:
    ada = await backend.add_user("victim@example.com")
    for number in range(10):
        await visitor(production, f"192.0.2.{number}").post(
            "/v1/client/sign_ups", email_address=f"victim+{number}@example.com", strategy="email_code"
        )

    changed = await backend.post(
        "/v1/email_addresses",
        user_id=ada["id"],
        email_address="new@example.com",
        verified=True,
        primary=True,
        notify_primary_email_address_changed=True,
    )

    assert changed.status_code == 200


def test_different_people_do_not_share_a_mailbox() -> None:
    people = ["ada@example.com", "ada@example.org", "ada1@example.com", "+1@example.com", "+2@example.com"]

    assert len({mailbox(one) for one in people}) == len(people)
