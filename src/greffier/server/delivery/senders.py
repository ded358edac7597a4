"""The senders that the operator's settings ask for, by channel."""

from __future__ import annotations

from greffier.server.delivery.messages import Channel
from greffier.server.delivery.sender import Sender
from greffier.server.delivery.sms import sms_sender, text_channels
from greffier.server.settings import Settings


def configured_senders(settings: Settings) -> dict[Channel, Sender]:
    """Raises: ValueError: a setting cannot be used."""
    senders: dict[Channel, Sender] = {}
    if settings.smtp:
        from greffier.server.delivery.smtp import SmtpSender  # of the standard library much is for mail alone

        senders["email"] = SmtpSender(settings.smtp)
    if settings.sms:
        sender = sms_sender(settings.sms)
        senders |= dict.fromkeys(text_channels(settings.sms), sender)
    return senders
