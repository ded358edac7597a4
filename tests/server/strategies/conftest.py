"""A server on which the package of pagers is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greffier.server.identifications.kinds import kinds
from greffier.server.strategies import installed
from tests.cli.commands import installation
from tests.server.strategies import pager_package
from tests.support.configuring import configure
from tests.support.server import TestServer

__all__ = ["installation"]

STRATEGIES = ["pager_code", "pager_call"]


@pytest.fixture
def pagers_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with nothing but entry points: what is in `pager_package`."""
    facts = tmp_path / "pagers-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: pagers\nVersion: 1.0\n")
    module = pager_package.__name__
    (facts / "entry_points.txt").write_text(
        f"[greffier.identifications]\npager = {module}:PAGER\n"
        f"[greffier.strategies]\ncode = {module}:PAGER_CODE\ncall = {module}:PAGER_CALL\n"
        f"card = {module}:PAGER_CARD\nlogin = {module}:PAGER_LOGIN\n"
        f"address = {module}:ADDRESS_CALL\ndesks = {module}:DESKS\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(pager_package, "PAGES", [])
    kinds.cache_clear()
    installed.cache_clear()
    yield
    kinds.cache_clear()
    installed.cache_clear()


@pytest.fixture
async def pagers(server: TestServer, pagers_installed: None) -> TestServer:
    """People sign up and in with pagers, and need no address and no password."""
    pager = {
        "enabled": True,
        "required": True,
        "identifier": True,
        "first_factors": STRATEGIES,
        "verifications": STRATEGIES,
        "verify_at_sign_up": True,
    }
    optional = {"required": False}
    attributes = {"others": {"pager": pager}, "email_address": optional, "password": optional}
    await configure(server, {"attributes": attributes, "application_name": "otter"})
    return server
