"""Fixtures of the SDK's tests."""

import socket
import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.sdk.proxied import FrontendApi


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to reach anybody fails the test. Sockets as such stay: event loops wake up by them."""

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)


@pytest.fixture
def upstream() -> Iterator[FrontendApi]:
    with FrontendApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.may_go_on.set()
        server.shutdown()
        thread.join()
