"""Ports for servers that cannot choose one themselves."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

#: Below those from which systems take ports for connections and for servers that want any.
_PORTS = range(20_000, 32_000)
_reserved: list[int] = []
"""Descriptors of locked files, which this process keeps until it ends."""


def free_port() -> int:
    """A port on which nothing listens, and which no other test process is given while this one lives.

    Between the choice and the start of the server that gets it, seconds may pass: neither a connection of
    another program nor another test may take it meanwhile.
    """
    folder = Path(tempfile.gettempdir()) / f"greffier-test-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for port in random.sample(_PORTS, len(_PORTS)):
        if _reserve(folder / str(port)) and _is_free(port):
            return port
    raise OSError("no port is free")


def _reserve(file: Path) -> bool:
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _reserved.append(descriptor)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
