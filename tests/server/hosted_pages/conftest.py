"""Fixtures of tests of hosted pages."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.server.hosted_pages.pages import visitor
from tests.support.server import TestServer


@pytest.fixture
async def http(server: TestServer) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(server.app) as client:
        yield client
