"""Users with phone numbers, for several files of this folder."""

from __future__ import annotations

import pytest

from tests.support.factors.second_factor_numbers import (
    signed_up,
    with_second_factors,
)
from tests.support.server import Browser, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    await with_second_factors(server)
    return await signed_up(server)
