"""The exceptions of the test tools."""

from __future__ import annotations

import json


class ServerRefused(Exception):
    """The test server answered with an error. `code` is the published one of its first error."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        super().__init__(f"{status} {code}: {message}" if code else f"{status}: {message}")
        self.status = status
        self.code = code

    @classmethod
    def from_answer(cls, status: int, body: bytes) -> ServerRefused:
        """The error of an answer in the published envelope, or in none."""
        try:
            error = json.loads(body)["errors"][0]
            return cls(status, error["code"], error.get("long_message") or error.get("message") or "")
        except (ValueError, LookupError, TypeError):
            return cls(status, None, "the answer has no published error")
