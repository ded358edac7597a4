"""Refusal of WebSockets (RFC 6455 section 4.2.2): the server has none, and loads no library for them."""

from __future__ import annotations

import asyncio


class RefusedUpgrade(asyncio.Protocol):
    """The protocol of a connection whose request has asked for a WebSocket."""

    def __init__(self, **_uvicorn: object) -> None:
        pass

    # asyncio's base class has the wider BaseTransport; uvicorn hands over one that writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        transport.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        transport.close()
