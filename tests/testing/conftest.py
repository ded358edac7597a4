"""A test server for the tests of the tools themselves."""

from collections.abc import Iterator

import pytest

from greffier.testing import TestServer


@pytest.fixture(scope="session")
def shared_server() -> Iterator[TestServer]:
    with TestServer() as server:
        yield server


@pytest.fixture
def server(shared_server: TestServer) -> TestServer:
    """As it was when it started."""
    shared_server.reset()
    return shared_server
