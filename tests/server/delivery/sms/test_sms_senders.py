"""Requests to providers of text messages, and the meaning of their answers."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import parse_qs

import msgspec
import pytest

from greffier.sdk.webhooks import WebhookVerificationError, verify_webhook
from greffier.server.delivery.sender import DeliveryError, Sender
from greffier.server.delivery.sms import sms_sender
from greffier.server.delivery.tables import MessageRow
from greffier.server.settings import SmsWebhook, Twilio
from tests.server.delivery.sms.conftest import Provider

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ACCOUNT = "AC" + "0" * 32
NUMBER = "+12025550143"
MESSAGE = MessageRow(
    position=1,
    id="msg_1",
    instance_id="ins_1",
    kind="sign_in_code",
    channel="sms",
    to_address=NUMBER,
    subject="",
    body_text="123456 is your code",
    body_html="",
    code="123456",
    links=[],
    status="queued",
    attempts=1,
    next_attempt_at=0,
    expire_at=600_000,
    last_error=None,
    created_at=0,
    updated_at=60_000,
)


def webhook(provider: Provider) -> Sender:
    return sms_sender(SmsWebhook(f"{provider.url}/sms", SECRET))


def twilio(provider: Provider, sender: str = "+15005550006") -> Sender:
    return sms_sender(Twilio(ACCOUNT, "token-of-the-account", sender, provider.url))


async def refusal(sender: Sender) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        await sender.send(MESSAGE)
    return refused.value


async def test_webhook_gets_the_message_signed(provider: Provider) -> None:
    await webhook(provider).send(MESSAGE)

    (received,) = provider.received
    assert received.path == "/sms"
    verify_webhook(received.body, received.headers, secret=SECRET)
    assert msgspec.json.decode(received.body) == {
        "id": "msg_1",
        "channel": "sms",
        "kind": "sign_in_code",
        "to": NUMBER,
        "text": "123456 is your code",
        "code": "123456",
        "expires_at": 600_000,
    }


async def test_changed_webhook_does_not_verify(provider: Provider) -> None:
    await webhook(provider).send(MESSAGE)

    (received,) = provider.received
    with pytest.raises(WebhookVerificationError):
        verify_webhook(received.body.replace(b"123456", b"654321"), received.headers, secret=SECRET)


async def test_twilio_gets_a_form_with_the_credential_of_the_account(provider: Provider) -> None:
    await twilio(provider).send(MESSAGE)

    (received,) = provider.received
    assert received.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    scheme, credential = received.headers["authorization"].split()
    assert (scheme, b64decode(credential).decode()) == ("Basic", f"{ACCOUNT}:token-of-the-account")
    assert parse_qs(received.body.decode()) == {
        "To": [NUMBER],
        "From": ["+15005550006"],
        "Body": ["123456 is your code"],
        "ValidityPeriod": ["540"],
    }


TEMPLATE = "HX" + "b" * 32
BY_WHATSAPP = msgspec.structs.replace(MESSAGE, channel="whatsapp")


async def test_webhook_is_told_the_channel(provider: Provider) -> None:
    await webhook(provider).send(BY_WHATSAPP)

    assert msgspec.json.decode(provider.received[0].body)["channel"] == "whatsapp"


@pytest.mark.parametrize(
    ("template", "content"),
    [
        (None, {"Body": ["123456 is your code"]}),
        (TEMPLATE, {"ContentSid": [TEMPLATE], "ContentVariables": ['{"1":"123456"}']}),
    ],
)
async def test_twilio_sends_by_whatsapp_from_its_own_sender(
    provider: Provider, template: str | None, content: dict[str, list[str]]
) -> None:
    settings = Twilio(
        ACCOUNT,
        "token-of-the-account",
        "MG" + "a" * 32,
        provider.url,
        whatsapp_sender="+15005550009",
        whatsapp_template=template,
    )
    await sms_sender(settings).send(BY_WHATSAPP)

    assert parse_qs(provider.received[0].body.decode()) == content | {
        "To": [f"whatsapp:{NUMBER}"],
        "From": ["whatsapp:+15005550009"],
        "ValidityPeriod": ["540"],
    }


async def test_messaging_service_is_named_as_such(provider: Provider) -> None:
    service = "MG" + "a" * 32
    await twilio(provider, service).send(MESSAGE)

    form = parse_qs(provider.received[0].body.decode())
    assert form["MessagingServiceSid"] == [service]
    assert "From" not in form


@pytest.mark.parametrize(
    ("status", "code", "permanent", "refuses_us"),
    [
        (400, 21211, True, False),  # no number
        (400, 21610, True, False),  # the recipient has unsubscribed
        (400, 21408, False, True),  # the account may not send to this region
        (400, 21606, False, True),  # the sender is not the account's
        (400, 63007, False, True),  # the account has no such WhatsApp sender
        (400, 21656, False, True),  # the template has other variables
        (401, 20003, False, True),
        (429, 20429, False, False),
        (503, None, False, False),
    ],
)
async def test_refusals_of_twilio_are_told_apart(
    provider: Provider, status: int, code: int | None, permanent: bool, refuses_us: bool
) -> None:
    provider.answer = (status, msgspec.json.encode({"code": code, "message": f"about {NUMBER}"}))

    error = await refusal(twilio(provider))

    assert (error.permanent, error.refuses_us) == (permanent, refuses_us)
    assert str(status) in error.reason
    assert str(code or "") in error.reason


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_redirect_is_not_followed_with_the_code(provider: Provider, status: int) -> None:
    provider.answer = (status, b"")
    provider.headers = {"location": f"{provider.url}/elsewhere"}

    error = await refusal(webhook(provider))

    assert error.refuses_us
    assert [received.path for received in provider.received] == ["/sms"]


async def test_answer_that_is_no_json_is_a_refusal_all_the_same(provider: Provider) -> None:
    provider.answer = (400, b"<html>")

    assert (await refusal(twilio(provider))).permanent


async def test_reasons_repeat_neither_numbers_nor_codes_nor_credentials(provider: Provider) -> None:
    provider.answer = (400, msgspec.json.encode({"code": 21211, "message": f"{NUMBER} 123456"}))

    reason = (await refusal(twilio(provider))).reason + (await refusal(webhook(provider))).reason

    assert not [secret for secret in (NUMBER, "123456", "token-of", SECRET) if secret in reason]


async def test_provider_that_is_not_there_is_tried_again(provider: Provider) -> None:
    provider.stop()

    error = await refusal(webhook(provider))

    assert not error.permanent
    assert not error.refuses_us
