"""Instances with phone numbers, and numbers for tests: those of test mode, and real ones."""

from __future__ import annotations

from typing import Any

from tests.support.configuring import configure
from tests.support.server import TestServer

TEST_NUMBER = "+12015550142"
OTHER_TEST_NUMBER = "+13125550199"
REAL_NUMBER = "+12025550243"
GERMAN_NUMBER = "+4915112345678"

ATTRIBUTE: dict[str, Any] = {
    "enabled": True,
    "identifier": True,
    "first_factors": ["phone_code"],
    "verifications": ["phone_code"],
    "verify_at_sign_up": True,
}


async def with_phone_numbers(server: TestServer, **changes: Any) -> None:
    """Switch phone numbers on, as identifiers that are verified by code."""
    await configure(server, {"attributes": {"phone_number": ATTRIBUTE}} | changes)


async def code_sent_to(server: TestServer, number: str) -> str:
    """The code in the newest text message to a number."""
    return (await server.messages(number))[0]["code"]
