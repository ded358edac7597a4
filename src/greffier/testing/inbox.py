"""The mail and text messages that the test server has written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from greffier.testing.hosting.in_process import InProcessAnswer

LONGEST_WAIT = 60.0
"""Seconds that the server lets one request wait."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `channel` is `email`, `sms` or `whatsapp`, `kind` what the message is for, as in `/inbox`.
    `code` is the code that it carries, if it carries one; `links` are its links."""

    id: str
    kind: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    code: str | None
    links: list[str]


class Inbox:
    """Reads `/inbox`. A code is given out once, so that waiting for the next one gives the next one.

    Args:
        get: answers a GET request for a path of the server.
    """

    def __init__(self, get: Callable[[str], InProcessAnswer]) -> None:
        self._get = get
        self._taken: dict[str, str] = {}

    def messages(self, to: str | None = None, *, after: str | None = None, wait: float = 0) -> list[Message]:
        """The messages to an address, newest first."""
        query = {"to": to, "after": after, "wait": f"{min(max(wait, 0), LONGEST_WAIT):.3f}"}
        path = f"/inbox?{urlencode({name: value for name, value in query.items() if value is not None})}"
        rows = cast("list[dict[str, Any]]", json.loads(self._get(path).or_refusal().body))
        return [Message(**row) for row in rows]

    def wait_for(self, to: str, what: Callable[[Message], bool], *, timeout: float) -> Message:
        """The newest message that fits and is newer than the last one given out, waiting for it if need be.

        Raises:
            TimeoutError: none came; the message names those that did.
        """
        deadline = time.monotonic() + timeout
        after = self._taken.get(to)
        while True:
            left = deadline - time.monotonic()
            arrived = self.messages(to, after=after, wait=left)
            found = next(filter(what, arrived), None)
            if found is not None:
                self._taken[to] = found.id
                return found
            if arrived:
                after = arrived[0].id
            elif left <= 0:
                subjects = ", ".join(repr(one.subject) for one in self.messages(to)) or "nothing"
                raise TimeoutError(f"nothing fitting came to {to} within {timeout} s; there is {subjects}")

    def reset(self) -> None:
        """Clear the record of given-out messages."""
        self._taken.clear()
