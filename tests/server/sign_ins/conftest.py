"""What several files of this room begin with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.configuring import configure
from tests.support.server import TestServer


@pytest.fixture
async def discreet(server: TestServer) -> TestServer:
    """A server that does not tell who has an account."""
    settings: dict[str, Any] = {"attack_protection": {"enumeration_protection": True}}
    settings["attributes"] = {"email_address": {"first_factors": ["email_code", "email_link"]}}
    await configure(server, settings)
    return server
