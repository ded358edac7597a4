"""A user of the test server, as a test knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class User:
    """`data` is the user as the Backend API showed it at creation. `password` is what the test chose."""

    id: str
    email_address: str | None
    password: str | None = field(default=None, repr=False)
    data: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
