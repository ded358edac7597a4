"""Addresses that the configured mail server cannot carry are refused before a user waits for mail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiosmtpd.controller import Controller

from greffier.server.settings import SmtpSettings
from tests.support.answers import error_of
from tests.support.server import DEVELOPMENT, PASSWORD, TestServer, running
from tests.support.services.smtp import MailServer

ADDRESS = "jos\u00e9@example.com"
REFUSED = (422, "form_param_format_invalid", "email_address")


@pytest.fixture
async def plain(development_database: str) -> AsyncIterator[TestServer]:
    """Its mail server has no SMTPUTF8."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    mail = MailServer(port)
    controller = Controller(mail, hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    controller.start()
    smtp = SmtpSettings(mail.url, "Otter <no-reply@otter.example>")
    try:
        async with running(development_database, DEVELOPMENT, smtp=smtp) as server:
            async with asyncio.timeout(10):
                while server.app.outbox.reaches(ADDRESS):
                    await asyncio.sleep(0.01)
            yield server
    finally:
        controller.stop()


async def test_sign_up_refuses_an_address_that_no_mail_reaches(plain: TestServer) -> None:
    refused = await plain.browser().post("/v1/client/sign_ups", email_address=ADDRESS, password=PASSWORD)

    assert error_of(refused)[:3] == REFUSED


async def test_own_addresses_refuse_one_that_no_mail_reaches(plain: TestServer) -> None:
    browser = plain.browser()
    await browser.sign_up()

    refused = await browser.post("/v1/me/email_addresses", email_address=ADDRESS)

    assert error_of(refused)[:3] == REFUSED


async def test_invitation_to_an_unreachable_address_is_refused(plain: TestServer) -> None:
    refused = await plain.backend().post("/v1/invitations", email_address=ADDRESS)

    assert error_of(refused)[:3] == REFUSED


async def test_sign_in_sends_no_code_to_where_no_mail_goes(plain: TestServer) -> None:
    await plain.backend().add_user(ADDRESS)

    refused = await plain.browser().post("/v1/client/sign_ins", identifier=ADDRESS, strategy="email_code")

    assert error_of(refused)[:2] == REFUSED[:2]


async def test_backend_may_give_a_user_such_an_address(plain: TestServer) -> None:
    user = await plain.backend().add_user(ADDRESS)

    assert user["email_addresses"][0]["email_address"] == ADDRESS


async def test_plain_address_signs_up(plain: TestServer) -> None:
    begun = await plain.browser().begin_sign_up("jose@example.com")

    assert begun["verifications"]["email_address"]["status"] == "unverified"
