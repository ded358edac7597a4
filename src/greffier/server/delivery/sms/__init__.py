"""Senders of text messages, by HTTP. Which one: `GREFFIER_SMS_...`."""

from __future__ import annotations

from greffier.server.delivery.messages import TextChannel
from greffier.server.delivery.sender import Sender
from greffier.server.delivery.sms.twilio import TwilioSender
from greffier.server.delivery.sms.webhook import WebhookSender
from greffier.server.settings import SmsWebhook, Twilio


def sms_sender(settings: SmsWebhook | Twilio) -> Sender:
    return WebhookSender(settings) if isinstance(settings, SmsWebhook) else TwilioSender(settings)


def text_channels(settings: SmsWebhook | Twilio) -> tuple[TextChannel, ...]:
    """Returns the channels on which text messages leave. Twilio has WhatsApp senders of their own."""
    both = isinstance(settings, SmsWebhook) or settings.whatsapp_sender is not None
    return ("sms", "whatsapp") if both else ("sms",)
