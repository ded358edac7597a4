"""Invitations in tests of applications: made, opened, and expired by the clock."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from greffier.testing import Invitation, ServerRefused, TestServer
from greffier.testing.frontend import FrontendBrowser
from greffier.testing.hosting.in_process import InProcessAnswer

ADA = "ada@example.com"
PASSWORD = "correct horse battery staple"


def sign_up(server: TestServer, invitation: Invitation) -> str:
    """The status of a sign-up with everything in it."""
    browser = FrontendBrowser(
        lambda method, target, headers, body: server.request(method, target, headers, body),
        "http://testserver",
    )
    answer = browser.post(
        "/v1/client/sign_ups", strategy="ticket", ticket=invitation.ticket, password=PASSWORD
    )
    return answer["response"]["status"]


def open_link(server: TestServer, invitation: Invitation) -> InProcessAnswer:
    return server.request("GET", invitation.url.removeprefix(server.url))


def status(server: TestServer, invitation: Invitation) -> str:
    [shown] = server.backend_api("GET", f"/v1/invitations?query={invitation.id}")
    return shown["status"]


def test_invited_person_opens_the_link_of_the_mail_and_signs_up(server: TestServer) -> None:
    invitation = server.create_invitation(ADA, public_metadata={"team": "blue"})

    (location,) = open_link(server, invitation).every("location")
    signed_up = sign_up(server, invitation)

    assert server.messages(ADA)[0].links == [invitation.url]
    assert parse_qs(urlsplit(location).query)["__clerk_ticket"] == [invitation.ticket]
    assert signed_up == "complete"
    [ada] = server.backend_api("GET", f"/v1/users?email_address={ADA}")
    assert ada["public_metadata"] == {"team": "blue"}
    assert status(server, invitation) == "accepted"


def test_the_clock_expires_an_invitation(server: TestServer) -> None:
    short = server.create_invitation(ADA, expires_in_days=1)
    long = server.create_invitation("grace@example.com")

    server.clock.advance(days=1)

    refused = open_link(server, short)
    assert refused.status == 400
    assert json.loads(refused.body)["errors"][0]["code"] == "ticket_expired_code"
    with pytest.raises(ServerRefused, match="ticket_expired_code"):
        sign_up(server, short)
    assert (status(server, short), status(server, long)) == ("expired", "pending")
    assert sign_up(server, long) == "complete"


def test_address_that_is_taken_is_not_invited(server: TestServer) -> None:
    server.create_user(email_address=ADA)

    with pytest.raises(ServerRefused, match="form_identifier_exists"):
        server.create_invitation(ADA)


def test_representation_does_not_give_the_link_away(server: TestServer) -> None:
    assert "ticket" not in repr(server.create_invitation(ADA))
