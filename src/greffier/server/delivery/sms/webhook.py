"""Sends text messages by a signed request to the application's own endpoint, behind which any provider
may be.

The signature is that of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. `greffier.sdk.webhooks`
verifies it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64decode, b64encode

import msgspec

from greffier.server.delivery.sender import Sender
from greffier.server.delivery.sms.posting import error_of, post
from greffier.server.delivery.tables import MessageRow
from greffier.server.settings import SmsWebhook


class WebhookMessage(msgspec.Struct, kw_only=True):
    """The body of a request. `expires_at` is in milliseconds; the message is of no use afterwards."""

    id: str
    channel: str
    kind: str
    to: str
    text: str
    code: str | None
    expires_at: int | None


class WebhookSender(Sender):
    """A sender for the outbox. An answer of 2xx takes the message; the same `id` may come twice."""

    def __init__(self, settings: SmsWebhook) -> None:
        self._url = settings.url
        self._key = b64decode(settings.secret.removeprefix("whsec_"))

    async def send(self, message: MessageRow) -> None:
        """Raises: DeliveryError: the endpoint is not there, or refuses."""
        body = msgspec.json.encode(
            WebhookMessage(
                id=message.id,
                channel=message.channel,
                kind=message.kind,
                to=message.to_address,
                text=message.body_text,
                code=message.code,
                expires_at=message.expire_at,
            )
        )
        answer = await post(self._url, body, self._headers(message.id, body))
        if not 200 <= answer.status < 300:
            raise error_of(answer.status)

    async def probe(self) -> None:
        """There is nothing to learn before the first message."""

    def reaches(self, address: str) -> bool:
        return True

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))  # compared with the receiver's clock
        signed = b".".join((message_id.encode(), timestamp.encode(), body))
        signature = b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }
