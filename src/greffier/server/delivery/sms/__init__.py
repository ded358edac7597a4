"""Senders of text messages, by HTTP. Which one: `GREFFIER_SMS_...`."""

from __future__ import annotations

from greffier.server.delivery.sender import Sender
from greffier.server.delivery.sms.twilio import TwilioSender
from greffier.server.delivery.sms.webhook import WebhookSender
from greffier.server.settings import SmsWebhook, Twilio


def sms_sender(settings: SmsWebhook | Twilio) -> Sender:
    return WebhookSender(settings) if isinstance(settings, SmsWebhook) else TwilioSender(settings)
