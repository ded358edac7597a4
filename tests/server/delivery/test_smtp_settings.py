"""The settings by which mail goes out."""

import pytest

from greffier.server.delivery.smtp import read_sender, read_smtp_url
from greffier.server.settings import from_environment


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("smtp://mail.example.com", "mail.example.com", 25),
        ("smtps://mail.example.com", "mail.example.com", 465),
        ("smtp+starttls://mail.example.com/", "mail.example.com", 587),
        ("smtp://[::1]:2525", "::1", 2525),
    ],
)
def test_each_kind_of_url_has_its_port(url: str, host: str, port: int):
    server = read_smtp_url(url)
    assert (server.host, server.port) == (host, port)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://user:hunter2@mail.example.com", "must start with one of smtp://"),
        ("smtp://user:hunter2@", "names no host"),
        ("smtp://user:hunter2@mail.example.com:many", "is its port a number"),
        ("smtp://user:hunter2@mail.example.com:25/path", "ends after the port"),
        ("smtp://user:hunter2#@mail.example.com", "malformed|names no host|ends after|both"),
        ("smtp://hunter2@mail.example.com", "both a user and a password"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_its_password(url: str, why: str):
    with pytest.raises(ValueError, match=why) as refused:
        read_smtp_url(url)
    assert "hunter2" not in str(refused.value)


def test_a_server_shows_itself_without_its_password():
    assert repr(read_smtp_url("smtps://user:hunter2@mail.example.com")) == (
        "SmtpServer(smtps://mail.example.com:465)"
    )


@pytest.mark.parametrize("text", ["", "unknown", "Otter <no-reply>", "a@example.com\r\nBcc: b@example.com"])
def test_a_sender_that_is_no_address_is_refused_at_once(text: str):
    with pytest.raises(ValueError, match="is no sender"):
        read_sender(text)


def test_name_for_mail_servers_is_read_from_the_environment():
    read = from_environment({"GREFFIER_SMTP_URL": "smtp://mail", "GREFFIER_SMTP_EHLO": "app.example.com"})
    assert read.smtp is not None
    assert read.smtp.ehlo == "app.example.com"


@pytest.mark.parametrize("name", ["otter example", "otter\r\nMAIL FROM:<eve@example.com>", "-otter", "ötter"])
def test_name_for_mail_servers_that_is_no_host_name_is_refused(name: str):
    with pytest.raises(ValueError, match="GREFFIER_SMTP_EHLO"):
        from_environment({"GREFFIER_SMTP_URL": "smtp://mail", "GREFFIER_SMTP_EHLO": name})
