"""An organization of the test server, as a test knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Organization:
    """`data` is the organization as the Backend API showed it at creation."""

    id: str
    name: str
    slug: str
    data: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
