"""Fixtures of tests of hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.server import PRODUCTION, TestServer, running


@pytest.fixture
async def behind_proxy(production_database: str) -> AsyncIterator[TestServer]:
    """A production server that believes a proxy at 10.0.0.1, and is known to other servers as `greffier`."""
    settings: dict[str, Any] = {
        "trusted_proxies": ("10.0.0.1",),
        "api_hosts": ("greffier",),
        "show_inbox": False,
    }
    async with running(production_database, PRODUCTION, **settings) as server:
        yield server
