"""A start loads nothing that waits for the first request of its kind."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

LATER = {
    "PIL": "pictures",
    "aiosmtplib": "mail",
    "alembic": "a database of a former version",
    "asyncpg": "PostgreSQL",
    "cbor2": "passkeys",
    "coincurve": "wallets",
    "disposable_email_domains": "e-mail addresses, where disposable ones are blocked",
    "email.headerregistry": "mail",
    "email_validator": "e-mail addresses",
    "fastapi": "applications",
    "httpx2": "other servers",
    "idna": "domains in other scripts",
    "jinja2": "pages",
    "joserfc": "identity tokens of other servers",
    "phonenumbers": "phone numbers",
    "prometheus_client": "metrics",
    "pyasn1": "passkeys",
    "redis": "limits in Redis",
    "sqlalchemy.dialects.postgresql": "PostgreSQL",
    "starlette": "pages",
    "tarfile": "`greffier assets install`",
    "tomllib": "documents of settings",
    "ua_parser": "sign-ins",
    "webauthn": "passkeys",
    "websockets": "applications",
    "zxcvbn": "passwords, where their strength is asked for",
}
"""Modules, and what they wait for."""


class Started:
    """A server that has answered its first request."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    def modules(self) -> set[str]:
        """The names of all modules that were imported so far."""
        lines = self._log.read_text().splitlines()
        return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("start")
    log = folder / "imports"
    command = [sys.executable, "-X", "importtime", "-m", "greffier.cli", "dev", "--json", "--port", "0"]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [*command, "--data", str(folder)], stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdout
        url = json.loads(process.stdout.readline())["backend_api_url"]
        try:
            assert httpx.get(f"{url}/v1/health").status_code == 200
            yield Started(int(url.rpartition(":")[2]), log)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def modules_at_start(started: Started) -> set[str]:
    return started.modules()


@pytest.mark.parametrize("module", LATER)
def test_module_waits_for_what_needs_it(modules_at_start: set[str], module: str) -> None:
    assert find_spec(module)
    assert "greffier.server.app" in modules_at_start
    assert {name for name in modules_at_start if f"{name}.".startswith(f"{module}.")} == set()


def test_first_page_loads_its_framework(started: Started, modules_at_start: set[str]) -> None:
    answer = httpx.get(f"http://127.0.0.1:{started.port}/avatars/0.svg")

    assert answer.status_code == 200
    assert "starlette.applications" in started.modules() - modules_at_start


def test_websocket_is_refused_without_its_library(started: Started) -> None:
    request = (
        f"GET /v1/client HTTP/1.1\r\nhost: 127.0.0.1:{started.port}\r\n"
        "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", started.port), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert not {name for name in started.modules() if name.startswith("websockets")}
