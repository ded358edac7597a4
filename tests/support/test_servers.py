"""The servers that tests start: what they promise to the tests."""

import os
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import pytest

from tests.support.services.chromium import ChromiumMissingError, find_chromium
from tests.support.services.databases import PostgresServer
from tests.support.services.smtp import MailServer


async def test_each_database_is_a_copy_of_its_template_and_of_nothing_else(
    postgres: PostgresServer, postgres_template: Callable[[str, Callable[[str], None]], str]
):
    built: list[str] = []
    name = postgres_template("servers", built.append)
    assert postgres_template("servers", built.append) == name
    assert built == [postgres.url(name)]
    admin = await asyncpg.connect(built[0])
    await admin.execute("CREATE TABLE animal (name text)")
    await admin.close()

    for _ in range(2):
        with postgres.database(name) as url:
            connection = await asyncpg.connect(url)
            assert await connection.fetch("SELECT * FROM animal") == []
            await connection.execute("INSERT INTO animal VALUES ('otter')")
            # Left open: a test that fails must not keep the next one from its database.
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)


def message(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "us@example.com", "ada@example.com", subject
    mail.set_content("Your code is 424242")
    mail.add_alternative("<b>424242</b>", subtype="html")
    return mail


def test_mail_is_kept_as_it_came(mail_server: MailServer):
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        client.send_message(message("Hello"))
    (mail,) = mail_server.wait_for(lambda mail: mail.message["Subject"] == "Hello")
    assert (mail.sender, mail.recipients) == ("us@example.com", ["ada@example.com"])
    assert (mail.text, mail.html) == ("Your code is 424242\n", "<b>424242</b>\n")


def test_mail_can_be_refused_once(mail_server: MailServer):
    mail_server.refuse_next("451 4.3.0 Not now")
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="Not now"):
            client.send_message(message("Refused"))
        client.send_message(message("Taken"))
    assert [mail.message["Subject"] for mail in mail_server.messages] == ["Taken"]


def test_chromium_is_the_chosen_program_else_one_on_path_else_what_playwright_has(tmp_path: Path):
    def program(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    environ = {"PATH": str(tmp_path / "bin"), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers")}
    with pytest.raises(ChromiumMissingError, match="apt install chromium"):
        find_chromium(environ)
    downloaded = program("browsers/chromium-1200/chrome-linux/chrome")
    assert find_chromium(environ) == downloaded
    on_path = program("bin/chromium-browser")
    assert find_chromium(environ) == on_path
    chosen = program("elsewhere/chrome")
    assert find_chromium({**environ, "CHROMIUM": str(chosen)}) == chosen
    with pytest.raises(ChromiumMissingError):
        find_chromium({**environ, "CHROMIUM": os.devnull})
