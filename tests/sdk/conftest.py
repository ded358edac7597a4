"""Fixtures of the SDK's tests."""

import socket
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from greffier.sdk.tokens.signatures import SigningKey
from tests.sdk.proxy.proxied import FrontendApi


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test that opens a connection. Sockets as such stay: event loops wake up by them."""

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


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one whenever a signature is verified."""
    seen: list[str] = []
    original = SigningKey.verifies

    def counted(self: SigningKey, *arguments: Any) -> bool:
        seen.append("once")
        return original(self, *arguments)

    monkeypatch.setattr(SigningKey, "verifies", counted)
    return seen
