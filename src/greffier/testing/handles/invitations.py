"""An invitation of the test server, as a test knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Invitation:
    """`url` is the link that the invited person opens. `data` is the invitation as the Backend API showed it
    at creation."""

    id: str
    email_address: str
    url: str = field(repr=False)
    data: dict[str, Any] = field(repr=False, compare=False)

    @property
    def ticket(self) -> str:
        """The ticket for a sign-up with the strategy `ticket`, for tests that open no link."""
        return parse_qs(urlsplit(self.url).query)["ticket"][0]
