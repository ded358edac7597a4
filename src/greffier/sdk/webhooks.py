"""Webhook signatures: verifies the sender, time and endpoint of an event.

The scheme is the one of Svix and Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, under the headers
`svix-*` or `webhook-*`, with several signatures while a secret is rotated.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from greffier.sdk.errors import ConfigurationError, WebhookVerificationError

# : An older or later timestamp is refused, in seconds: a recorded event cannot be replayed.
TOLERANCE_SECONDS = 300

_PREFIX = "whsec_"


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    *,
    secret: str | Sequence[str],
    tolerance: float = TOLERANCE_SECONDS,
    clock: Callable[[], float] = time.time,
) -> Any:
    """The event of a webhook request, decoded from JSON, once its signature is found good.

    `body` is the request's body as it came: a body that was parsed and written again has another signature.
    `headers` may be those of any framework; names are compared without regard to case. `secret` is that of
    the endpoint (`whsec_...`), or several of them while one replaces another. `tolerance` is in seconds.

    An event may be delivered more than once: the header `svix-id` stays the same.

    Raises `WebhookVerificationError` when the signature is missing, wrong or too old, or the body is not
    JSON, and `ConfigurationError` when the secret cannot be one.
    """
    keys = [_key(one) for one in ([secret] if isinstance(secret, str) else secret)]
    if not keys:
        raise ConfigurationError("Give the secret of the webhook endpoint, whsec_...")
    content = body.encode() if isinstance(body, str) else bytes(body)
    identifier, timestamp, signatures = _signature_headers(headers)
    _check_time(timestamp, tolerance, clock())
    signed = b".".join((identifier.encode(), timestamp.encode(), content))
    expected = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    given = [_decoded(one) for one in signatures.split(" ") if one.startswith("v1,")]
    # Every pair is compared, so that the time tells nothing of which one fits.
    fits = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(fits):
        raise WebhookVerificationError("No signature of this request fits the secret.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise WebhookVerificationError("The body is signed, and is not JSON.") from None


def sign_webhook(body: bytes | str, *, secret: str, identifier: str, timestamp: int) -> dict[str, str]:
    """The headers of a webhook request, for tests of a receiver. `timestamp` is in epoch seconds."""
    content = body.encode() if isinstance(body, str) else bytes(body)
    signed = b".".join((identifier.encode(), str(timestamp).encode(), content))
    signature = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
    return {"svix-id": identifier, "svix-timestamp": str(timestamp), "svix-signature": f"v1,{signature}"}


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigurationError("The secret of a webhook endpoint is whsec_ and base64.")
    return key


def _signature_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    lower = {name.lower(): value for name, value in headers.items()}
    for family in ("svix", "webhook"):
        values = [lower.get(f"{family}-{name}") for name in ("id", "timestamp", "signature")]
        if all(values):
            identifier, timestamp, signature = (str(value) for value in values)
            return identifier, timestamp, signature
    raise WebhookVerificationError("The headers svix-id, svix-timestamp and svix-signature are missing.")


def _check_time(timestamp: str, tolerance: float, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise WebhookVerificationError("The timestamp of this request is not a number of seconds.")
    if abs(now - int(timestamp)) > tolerance:
        raise WebhookVerificationError("This request was signed too long ago, or in the future.")


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.removeprefix("v1,"), validate=True)
    except (binascii.Error, ValueError):
        return b""
