"""One HTTP POST to a provider of text messages, and what its status means for the message."""

from __future__ import annotations

from collections.abc import Mapping

from greffier.server import outgoing
from greffier.server.delivery.sender import DeliveryError
from greffier.server.outgoing import Answer, Unreachable

_SECONDS = 30.0
_REFUSES_US = (401, 403, 404, 405)
"""Statuses about our credential or our URL, which an operator can mend."""
_TEMPORARY = (408, 409, 425, 429)


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer, whatever its status.

    Raises:
        DeliveryError: there was none; it is temporary.
    """
    try:
        return await outgoing.post(url, body, headers, seconds=_SECONDS)
    except Unreachable as error:
        raise DeliveryError(f"{error} at the SMS provider", permanent=False) from None


def error_of(status: int, detail: str = "") -> DeliveryError:
    """The error for a status that is no success.

    Args:
        detail: the provider's own code. Its words stay out: they repeat numbers.
    """
    reason = f"the SMS provider answered {status}{f' {detail}' if detail else ''}"
    refuses_us = status in _REFUSES_US or 300 <= status < 400
    permanent = 400 <= status < 500 and not refuses_us and status not in _TEMPORARY
    return DeliveryError(reason, permanent=permanent, refuses_us=refuses_us)
