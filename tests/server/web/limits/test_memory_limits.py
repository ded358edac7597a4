"""Rate limits in memory are bounded, and their settings are checked."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.settings import from_environment
from greffier.server.web.limits.memory_limits import MemoryLimits
from greffier.server.web.limits.rate_limits import (
    Limit,
)


async def test_memory_is_bounded() -> None:
    limits = MemoryLimits(capacity=100)

    for number in range(1000):
        await limits.take(f"address {number}", Limit(5), 0)

    assert len(limits) <= 101


async def test_what_is_over_is_forgotten() -> None:
    limits = MemoryLimits()
    for number in range(100):
        await limits.take(f"address {number}", Limit(5), 0)

    for _ in range(60):
        await limits.take("later", Limit(5), 20_000)

    assert len(limits) == 1


async def test_clock_that_is_set_back_refuses_no_request() -> None:
    limits = MemoryLimits()
    for _ in range(5):
        await limits.take("address", Limit(5), 3_600_000)

    assert await limits.take("address", Limit(5), 0) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREFFIER_RATE_LIMIT_SCALE", "0"),
        ("GREFFIER_RATE_LIMIT_SCALE", "many"),
        ("GREFFIER_RATE_LIMIT_SCALE", "nan"),
        ("GREFFIER_TRUSTED_PROXIES", "10.0.0.0/8, all"),
    ],
)
def test_setting_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        from_environment({name: value})


def test_settings_are_read_from_the_environment() -> None:
    settings: Any = from_environment(
        {"GREFFIER_RATE_LIMIT_SCALE": "2.5", "GREFFIER_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}
    )

    assert settings.rate_limit_scale == 2.5
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
