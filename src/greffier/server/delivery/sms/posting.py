"""One HTTP POST to a provider of text messages, and what its status means for the message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from greffier.server.delivery.sender import DeliveryError

_NETWORK_SECONDS = 30.0
_LONGEST_ANSWER = 1 << 16
_REFUSES_US = (401, 403, 404, 405)
"""Statuses about our credential or our URL, which an operator can mend."""
_TEMPORARY = (408, 409, 425, 429)


class Answer(NamedTuple):
    status: int
    body: bytes


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would lead codes and credentials to another place."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer, whatever its status.

    Raises:
        DeliveryError: there was none; it is temporary.
    """
    request = Request(url, body, {"user-agent": "greffier", **headers}, method="POST")  # noqa: S310 -- checked in settings.py
    try:
        return await asyncio.to_thread(_post, request)
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{type(error).__name__} at the SMS provider", permanent=False) from None


def _post(request: Request) -> Answer:
    try:
        with _opener.open(request, timeout=_NETWORK_SECONDS) as response:
            return Answer(response.status, response.read(_LONGEST_ANSWER))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.read(_LONGEST_ANSWER))


def error_of(status: int, detail: str = "") -> DeliveryError:
    """The error for a status that is no success.

    Args:
        detail: the provider's own code. Its words stay out: they repeat numbers.
    """
    reason = f"the SMS provider answered {status}{f' {detail}' if detail else ''}"
    refuses_us = status in _REFUSES_US or 300 <= status < 400
    permanent = 400 <= status < 500 and not refuses_us and status not in _TEMPORARY
    return DeliveryError(reason, permanent=permanent, refuses_us=refuses_us)
