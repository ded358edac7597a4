"""Sends text messages, by SMS and WhatsApp, by Twilio Messaging
(`POST /2010-04-01/Accounts/{sid}/Messages.json`)."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlencode

import msgspec

from greffier.server.delivery.sender import DeliveryError, Sender
from greffier.server.delivery.sms.posting import error_of, post
from greffier.server.delivery.tables import MessageRow
from greffier.server.settings import Twilio

_ABOUT_US = (20003, 20005, 21212, 21408, 21606, 21612, 21655, 21656, 21659, 21703, 63007)
"""Error codes about the account, its sender, its template or its permitted regions: an operator can mend
these."""
_LENGTH_OF_SID = 34  # of a messaging service; no number and no name is as long
_MAX_VALIDITY = 36_000
"""Seconds; Twilio takes no more, and no less than 1."""


class _Problem(msgspec.Struct):
    code: int | None = None


class TwilioSender(Sender):
    """A sender for the outbox."""

    def __init__(self, settings: Twilio) -> None:
        self._url = f"{settings.api_url}/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
        self._credential = b64encode(f"{settings.account_sid}:{settings.auth_token}".encode()).decode()
        self._sender = settings.sender
        self._whatsapp_sender = settings.whatsapp_sender
        self._whatsapp_template = settings.whatsapp_template

    async def send(self, message: MessageRow) -> None:
        """Raises: DeliveryError: Twilio is not there, or refuses; for good if it is about the recipient."""
        answer = await post(
            self._url,
            urlencode(self._form(message)).encode(),
            {
                "content-type": "application/x-www-form-urlencoded",
                "authorization": f"Basic {self._credential}",
            },
        )
        if not 200 <= answer.status < 300:
            raise _refusal(answer.status, answer.body)

    async def probe(self) -> None:
        """There is nothing to learn before the first message."""

    def reaches(self, address: str) -> bool:
        return True

    def _form(self, message: MessageRow) -> dict[str, str]:
        form = self._whatsapp(message) if message.channel == "whatsapp" else self._sms(message)
        if message.expire_at is not None:
            left = (message.expire_at - message.updated_at) // 1000  # claimed just now
            form["ValidityPeriod"] = str(min(max(left, 1), _MAX_VALIDITY))
        return form

    def _sms(self, message: MessageRow) -> dict[str, str]:
        service = len(self._sender) == _LENGTH_OF_SID
        sender = "MessagingServiceSid" if service else "From"
        return {"To": message.to_address, sender: self._sender, "Body": message.body_text}

    def _whatsapp(self, message: MessageRow) -> dict[str, str]:
        """WhatsApp takes a text of ours only from people who have just written to us; others get a template
        that WhatsApp has approved, whose first variable is the code."""
        form = {"To": f"whatsapp:{message.to_address}", "From": f"whatsapp:{self._whatsapp_sender}"}
        if self._whatsapp_template is None or message.code is None:
            return form | {"Body": message.body_text}
        variables = msgspec.json.encode({"1": message.code}).decode()
        return form | {"ContentSid": self._whatsapp_template, "ContentVariables": variables}


def _refusal(status: int, body: bytes) -> DeliveryError:
    try:
        code = msgspec.json.decode(body, type=_Problem).code
    except msgspec.DecodeError:
        code = None
    if code in _ABOUT_US:
        return DeliveryError(f"Twilio answered {status} {code}", permanent=False, refuses_us=True)
    return error_of(status, str(code) if code else "")
