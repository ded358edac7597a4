"""Fixtures of the SDK's tests."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to reach anybody fails the test. Sockets as such stay: event loops wake up by them."""

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
