"""Fixtures of several files of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greffier.server.strategies import installed
from tests.server.sign_ins import other_package
from tests.support.configuring import configure
from tests.support.server import TestServer


@pytest.fixture
async def discreet(server: TestServer) -> TestServer:
    """A server that does not tell who has an account."""
    settings: dict[str, Any] = {"attack_protection": {"enumeration_protection": True}}
    settings["attributes"] = {"email_address": {"first_factors": ["email_code", "email_link"]}}
    await configure(server, settings)
    return server


@pytest.fixture
def installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with nothing but entry points: the strategies of `other_package`."""
    facts = tmp_path / "spare_codes-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: spare-codes\nVersion: 1.0\n")
    module = other_package.__name__
    entries = f"backup_code = {module}:SPARE_CODES\ntrusted_device = {module}:BADGE\n"
    (facts / "entry_points.txt").write_text(f"[greffier.strategies]\n{entries}")
    monkeypatch.syspath_prepend(tmp_path)
    installed.cache_clear()
    yield
    installed.cache_clear()
