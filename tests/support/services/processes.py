"""Servers in processes of their own, started as a user starts them."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from greffier.server.keys_file import read_or_create_encryption_key
from greffier.server.settings import read_encryption_keys
from greffier.server.signing.jwts import SigningKey
from greffier.server.signing.tables import signing_keys
from greffier.server.store.opening import open_database
from greffier.server.store.sealing import unseal
from tests.support.server import APP_ORIGIN, ENCRYPTION_KEY, PASSWORD, TEST_CODE
from tests.support.services.ports import free_port
from tests.support.waiting import wait_until

GREFFIER = [sys.executable, "-m", "greffier.cli"]


@dataclass(frozen=True)
class Serving:
    """A running server: what it printed of itself."""

    publishable_key: str
    secret_key: str
    url: str
    data: Path
    """Folder of its SQLite file."""

    def http(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, **options)

    def signing_key(self) -> SigningKey:
        """The key of its instance, to make tokens that the server would not make any more."""
        with closing(sqlite3.connect(self.data / "greffier.db")) as database:
            key_id, kid, stored, jwk = database.execute(
                "SELECT id, kid, private_pem, public_jwk FROM signing_keys"
            ).fetchone()
        keys = (read_or_create_encryption_key(self.data), *read_encryption_keys(ENCRYPTION_KEY))
        opened = open_database(f"sqlite:///{self.data / 'greffier.db'}", encryption_keys=keys)
        pem = unseal(opened, signing_keys.c.private_pem, stored, id=key_id)
        return SigningKey(kid, pem, json.loads(jwk))

    def backend(self) -> httpx.Client:
        return self.http(headers={"authorization": f"Bearer {self.secret_key}"})

    def sign_up(self, email_address: str, *, origin: str = APP_ORIGIN) -> SignedIn:
        """Signs a user up as a browser does; returns their cookie and session."""
        http = self.http(headers={"origin": origin})
        data = {"email_address": email_address, "password": PASSWORD}
        sign_up = http.post("/v1/client/sign_ups", data=data).raise_for_status().json()["response"]
        path = f"/v1/client/sign_ups/{sign_up['id']}"
        http.post(f"{path}/prepare_verification", data={"strategy": "email_code"}).raise_for_status()
        done = http.post(f"{path}/attempt_verification", data={"strategy": "email_code", "code": TEST_CODE})
        response = done.raise_for_status().json()["response"]
        cookie = re.match(r"__client=([^;]+)", done.headers["set-cookie"])
        assert cookie
        return SignedIn(self, cookie[1], response["created_session_id"], response["created_user_id"], origin)


@dataclass(frozen=True)
class SignedIn:
    """A browser with a session."""

    server: Serving
    client_cookie: str
    session_id: str
    user_id: str
    origin: str

    def get(self, url: str) -> httpx.Response:
        """A navigation of this browser; redirects are not followed."""
        return httpx.get(url, headers={"cookie": f"__client={self.client_cookie}"})

    def token(self) -> str:
        response = self.server.http().post(
            f"/v1/client/sessions/{self.session_id}/tokens?__clerk_api_version=2026-05-12",
            headers={"cookie": f"__client={self.client_cookie}", "origin": self.origin},
        )
        return response.raise_for_status().json()["jwt"]


@contextmanager
def running_process(
    command: list[str], *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that is stopped, and waited for, at the end."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})}, cwd=cwd
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def greffier_dev(data: Path, *, port: int = 0, tls: bool = False) -> Iterator[Serving]:
    """`greffier dev --json` on a free port. Tests that share one ask more often than one application may."""
    command = [*GREFFIER, "dev", "--json", "--port", str(port), "--data", str(data)]
    command += ["--tls"] if tls else []
    with running_process(command, environ={"GREFFIER_RATE_LIMIT_SCALE": "1000"}) as process:
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        yield Serving(facts["publishable_key"], facts["secret_key"], facts["frontend_api_url"], data)


_applied = count(1)


def apply_settings(data: Path, url: str, settings: str) -> None:
    """Change the instance in a folder by a TOML document, and wait until the server that runs there knows."""
    name = f"Application of {data.name}, {next(_applied)}"  # another one each time, or nothing is waited for
    document = f"application_name = {json.dumps(name)}\n{settings}"
    command = [*GREFFIER, "config", "apply", "--data", str(data), "--file", "-"]
    subprocess.run(command, input=document, text=True, check=True)
    wait_until(lambda: _application_name(url) == name, "the server knows its new settings")


def _application_name(url: str) -> str:
    return httpx.get(f"{url}/v1/environment").json()["display_config"]["application_name"]


@pytest.fixture(scope="session")
def dev_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One development server for the tests of a session; they use addresses of their own."""
    with greffier_dev(tmp_path_factory.mktemp("dev")) as serving:
        yield serving


@contextmanager
def greffier_serve(
    database_url: str, *, workers: int = 1, **environ: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`greffier serve` on a free port: the process, and the URL at which it answers."""
    environ = {"GREFFIER_DATABASE_URL": database_url, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY} | environ
    port = free_port()
    command = [*GREFFIER, "serve", "--port", str(port), "--workers", str(workers)]
    with running_process(command, environ=environ) as process:
        url = f"http://localhost:{port}"
        wait_until(lambda: answers(f"{url}/v1/health"), "greffier serve answers")
        yield process, url


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
