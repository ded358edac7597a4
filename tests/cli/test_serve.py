"""`greffier serve` and `greffier migrate`: production, started as an operator starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.databases import PostgresServer
from tests.support.processes import GREFFIER, greffier_serve
from tests.support.redis_servers import RedisServer
from tests.support.server import (
    LIVE_PUBLISHABLE_KEY,
    LIVE_SECRET_KEY,
    PASSWORD,
)

KEYS = {
    "GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY,
    "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY,
    "GREFFIER_DOMAIN": "example.com",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'greffier.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield url


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GREFFIER, *arguments], capture_output=True, text=True, env=os.environ | environ, timeout=60
    )


def test_keys_of_the_operator_are_the_keys_of_the_instance(empty_database: str) -> None:
    with greffier_serve(empty_database, workers=2, **KEYS) as (_, url):
        backend = httpx.Client(base_url=url, headers={"authorization": f"Bearer {LIVE_SECRET_KEY}"})
        user = backend.post("/v1/users", json={"email_address": ["ada@example.com"], "password": PASSWORD})
        signed_in = httpx.post(
            f"{url}/v1/client/sign_ins",
            data={"strategy": "password", "identifier": "ada@example.com", "password": PASSWORD},
            headers={"origin": "https://example.com", "host": "clerk.example.com"},
        )

    assert signed_in.json()["client"]["sessions"][0]["user"]["id"] == user.json()["id"]


def test_workers_share_limits_over_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    database = f"sqlite:///{tmp_path / 'greffier.db'}"

    with greffier_serve(database, workers=2, GREFFIER_REDIS_URL=redis_server.url, **KEYS) as (_, url):
        origin = {"origin": "https://example.com", "host": "clerk.example.com"}
        answers = [httpx.post(f"{url}/v1/client/sign_ins", headers=origin).status_code for _ in range(12)]

    assert answers == [200] * 5 + [429] * 7


def test_domain_alone_makes_an_instance_and_prints_its_keys_once(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'greffier.db'}"

    with greffier_serve(database, GREFFIER_DOMAIN="example.com") as (process, _):
        process.send_signal(signal.SIGTERM)
        first, _ = process.communicate(timeout=30)
    with greffier_serve(database, GREFFIER_DOMAIN="example.com") as (process, _):
        process.send_signal(signal.SIGTERM)
        second, _ = process.communicate(timeout=30)

    assert re.search(r"GREFFIER_PUBLISHABLE_KEY=pk_live_Y2xlcmsuZXhhbXBsZS5jb20k\n", first)
    assert re.search(r"GREFFIER_SECRET_KEY=sk_live_[\w-]{43}\n", first)
    assert "sk_live_" not in second


def test_termination_ends_the_process_in_peace(tmp_path: Path) -> None:
    with greffier_serve(f"sqlite:///{tmp_path / 'greffier.db'}", workers=2, **KEYS) as (process, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert process.returncode in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "GREFFIER_DOMAIN"),
        ({"GREFFIER_DOMAIN": "https://example.com"}, "GREFFIER_DOMAIN"),
        ({"GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY}, "GREFFIER_SECRET_KEY"),
        (KEYS | {"GREFFIER_PUBLISHABLE_KEY": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"}, "GREFFIER_PUBLISHABLE_KEY"),
        (KEYS | {"GREFFIER_PUBLISHABLE_KEY": "pk_live_x"}, "GREFFIER_PUBLISHABLE_KEY"),
        (KEYS | {"GREFFIER_SECRET_KEY": "sk_live_short"}, "GREFFIER_SECRET_KEY"),
        (KEYS | {"GREFFIER_DATABASE_URL": "mysql://x"}, "database URL"),
        (KEYS | {"GREFFIER_PASSWORD_THREADS": "many"}, "GREFFIER_PASSWORD_THREADS"),
    ],
)
def test_configuration_that_cannot_work_is_named(tmp_path: Path, environ: dict[str, str], named: str) -> None:
    database = {"GREFFIER_DATABASE_URL": f"sqlite:///{tmp_path / 'greffier.db'}"}

    refused = run("serve", **(database | environ))

    assert refused.returncode == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr
    if secret := environ.get("GREFFIER_SECRET_KEY"):
        assert secret not in refused.stderr


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    database = {"GREFFIER_DATABASE_URL": f"sqlite:///{tmp_path / 'greffier.db'}"}

    first, second = run("migrate", **database), run("migrate", **database)

    assert first.stdout.startswith("Migrated to ")
    assert second.stdout.startswith("Already at ")


def test_production_shows_no_inbox(tmp_path: Path) -> None:
    with greffier_serve(f"sqlite:///{tmp_path / 'greffier.db'}", **KEYS) as (_, url):
        assert httpx.get(f"{url}/inbox").status_code == 404
