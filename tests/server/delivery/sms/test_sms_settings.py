"""Settings of text messages are checked before the server starts, and their mistakes repeat no secret."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.delivery.senders import configured_senders
from greffier.server.safety import check_settings, check_text_messages
from greffier.server.settings import Settings, SmsWebhook, Twilio, from_environment
from tests.server.delivery.sms.test_sms_senders import ACCOUNT, SECRET
from tests.support.configuring import configure
from tests.support.server import TestServer

WEBHOOK = {
    "GREFFIER_SMS_WEBHOOK_URL": "https://app.example.com/sms",
    "GREFFIER_SMS_WEBHOOK_SECRET": SECRET,
}
TWILIO = {
    "GREFFIER_SMS_TWILIO_ACCOUNT_SID": ACCOUNT,
    "GREFFIER_SMS_TWILIO_AUTH_TOKEN": "token-of-the-account",
    "GREFFIER_SMS_TWILIO_FROM": "+15005550006",
}


def test_without_them_nothing_is_sent() -> None:
    assert from_environment({}).sms is None


def test_each_way_is_read() -> None:
    assert from_environment(WEBHOOK).sms == SmsWebhook("https://app.example.com/sms", SECRET)
    assert from_environment(TWILIO).sms == Twilio(ACCOUNT, "token-of-the-account", "+15005550006")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (WEBHOOK | TWILIO, "choose one"),
        ({"GREFFIER_SMS_WEBHOOK_URL": "https://app.example.com/sms"}, "GREFFIER_SMS_WEBHOOK_SECRET"),
        (WEBHOOK | {"GREFFIER_SMS_WEBHOOK_URL": "ftp://x"}, "GREFFIER_SMS_WEBHOOK_URL"),
        (WEBHOOK | {"GREFFIER_SMS_WEBHOOK_SECRET": "hunter2"}, "GREFFIER_SMS_WEBHOOK_SECRET"),
        (WEBHOOK | {"GREFFIER_SMS_WEBHOOK_SECRET": "whsec_aHVudGVyMg=="}, "GREFFIER_SMS_WEBHOOK_SECRET"),
        (TWILIO | {"GREFFIER_SMS_TWILIO_ACCOUNT_SID": "hunter2"}, "GREFFIER_SMS_TWILIO_ACCOUNT_SID"),
        (TWILIO | {"GREFFIER_SMS_TWILIO_FROM": "a sender too long"}, "GREFFIER_SMS_TWILIO_FROM"),
        ({"GREFFIER_SMS_TWILIO_FROM": "+15005550006"}, "GREFFIER_SMS_TWILIO_ACCOUNT_SID"),
        (TWILIO | {"GREFFIER_SMS_TWILIO_WHATSAPP_FROM": "MG1"}, "GREFFIER_SMS_TWILIO_WHATSAPP_FROM"),
        (TWILIO | {"GREFFIER_SMS_TWILIO_WHATSAPP_TEMPLATE": "hunter2"}, "TWILIO_WHATSAPP_TEMPLATE"),
    ],
)
def test_mistake_names_the_setting_and_no_secret(environ: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named) as mistake:
        from_environment(environ)

    assert not [word for word in ("hunter2", "token-of", "aHVudGVy") if word in str(mistake.value)]


@pytest.mark.parametrize(
    ("sms", "fatal"),
    [
        (SmsWebhook("http://sms.example.com/", SECRET), False),
        (Twilio(ACCOUNT, "token", "+15005550006", "http://twilio.example.com"), True),
    ],
)
def test_codes_in_clear_are_reported(sms: Any, fatal: bool) -> None:
    found = [finding for finding in check_settings(Settings(sms=sms), {}) if "SMS" in finding.setting]

    assert [finding.fatal for finding in found] == [fatal]


def test_settings_show_no_secret() -> None:
    shown = repr((from_environment(WEBHOOK).sms, from_environment(TWILIO).sms))

    assert SECRET not in shown
    assert "token-of" not in shown


async def test_phone_numbers_without_a_sender_are_reported(production: TestServer) -> None:
    assert check_text_messages(Settings(), production.app.instances) == []

    await configure(production, {"attributes": {"phone_number": {"enabled": True}}})

    (finding,) = check_text_messages(Settings(), production.app.instances)
    assert (finding.setting, finding.fatal) == ("GREFFIER_SMS_WEBHOOK_URL", False)
    assert check_text_messages(Settings(sms=from_environment(WEBHOOK).sms), production.app.instances) == []


WHATSAPP = {"GREFFIER_SMS_TWILIO_WHATSAPP_FROM": "+15005550009"}


async def test_channel_without_a_sender_is_reported(production: TestServer) -> None:
    phone_number = {"enabled": True}
    rules = {"attributes": {"phone_number": phone_number}, "phone_numbers": {"channels": ["sms", "whatsapp"]}}
    await configure(production, rules)

    (finding,) = check_text_messages(from_environment(TWILIO), production.app.instances)
    assert (finding.setting, finding.fatal) == ("GREFFIER_SMS_TWILIO_WHATSAPP_FROM", False)
    for environ in (TWILIO | WHATSAPP, WEBHOOK):
        assert check_text_messages(from_environment(environ), production.app.instances) == []


@pytest.mark.parametrize(
    ("environ", "channels"),
    [
        ({}, set[str]()),
        (TWILIO, {"sms"}),
        (TWILIO | WHATSAPP, {"sms", "whatsapp"}),
        (WEBHOOK, {"sms", "whatsapp"}),
    ],
)
def test_channels_have_the_senders_that_are_configured(environ: dict[str, str], channels: set[str]) -> None:
    assert configured_senders(from_environment(environ)).keys() == channels
