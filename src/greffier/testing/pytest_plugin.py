"""Fixtures for pytest. Installing the package registers them; nothing is imported until a test asks for one.

With pytest-xdist every worker has a server of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from greffier.testing import TestServer


@pytest.fixture(scope="session")
def greffier_settings() -> dict[str, Any]:
    """Settings of the test server's instance. Override it in a conftest.py."""
    return {}


@pytest.fixture(scope="session")
def greffier_server(greffier_settings: dict[str, Any]) -> Iterator[TestServer]:
    """One test server for the whole run, for apps that are made once: keys, clock and port stay the same."""
    from greffier.testing import TestServer

    with TestServer(greffier_settings) as server:
        yield server


@pytest.fixture
def greffier(greffier_server: TestServer) -> TestServer:
    """`greffier_server`, as empty as when it started, its clock at the real time."""
    greffier_server.reset()
    return greffier_server


@pytest.fixture
def greffier_environment(greffier: TestServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """`GREFFIER_*` variables that lead to the test server, set for one test. Opens a port."""
    environment = greffier.environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment
