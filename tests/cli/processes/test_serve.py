"""`greffier serve` and `greffier migrate`: production, started as an operator starts it."""

from __future__ import annotations

import base64
import os
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from greffier.server.safety import check_encryption, check_instances, check_settings
from greffier.server.settings import from_environment
from greffier.server.store.migrate import newest_revision
from greffier.server.web.instance.settings import Attribute, Attributes
from tests.support.instances import instance
from tests.support.server import (
    ENCRYPTION_KEY,
    LIVE_PUBLISHABLE_KEY,
    LIVE_SECRET_KEY,
    PASSWORD,
)
from tests.support.services.databases import PostgresServer
from tests.support.services.ports import free_port
from tests.support.services.processes import GREFFIER, answers, greffier_serve
from tests.support.services.redis_servers import RedisServer
from tests.support.waiting import wait_until

KEYS = {
    "GREFFIER_PUBLISHABLE_KEY": LIVE_PUBLISHABLE_KEY,
    "GREFFIER_SECRET_KEY": LIVE_SECRET_KEY,
    "GREFFIER_DOMAIN": "example.com",
    "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY,
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


def test_domain_alone_makes_an_instance_and_its_keys_are_in_a_file_and_in_no_log(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'greffier.db'}"

    with greffier_serve(database, GREFFIER_DOMAIN="example.com") as (process, _):
        process.send_signal(signal.SIGTERM)
        first, _ = process.communicate(timeout=30)
    with greffier_serve(database, GREFFIER_DOMAIN="example.com") as (process, _):
        process.send_signal(signal.SIGTERM)
        second, _ = process.communicate(timeout=30)

    file = tmp_path / "greffier-keys.env"
    assert re.fullmatch(
        r"GREFFIER_PUBLISHABLE_KEY=pk_live_Y2xlcmsuZXhhbXBsZS5jb20k\nGREFFIER_SECRET_KEY=sk_live_[\w-]{43}\n",
        file.read_text(),
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in first
    assert "sk_live_" not in first + second
    assert f"Database: migrated from nothing to {newest_revision()}." in first
    assert f"Database: at {newest_revision()}, nothing to migrate." in second


def test_keys_are_shown_once_on_a_terminal(tmp_path: Path) -> None:
    port, (ours, theirs) = free_port(), os.openpty()
    environ = {
        "GREFFIER_DATABASE_URL": f"sqlite:///{tmp_path / 'greffier.db'}",
        "GREFFIER_DOMAIN": "example.com",
        "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY,
    }
    with subprocess.Popen(
        [*GREFFIER, "serve", "--port", str(port)],
        env=os.environ | environ,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: answers(f"http://localhost:{port}/v1/health"), "greffier serve answers")
        said = os.read(ours, 10_000).decode()
        process.terminate()

    assert re.search(r"GREFFIER_SECRET_KEY=sk_live_[\w-]{43}\s", said)
    assert not (tmp_path / "greffier-keys.env").exists()


def test_keys_that_cannot_be_written_are_not_lost_silently(tmp_path: Path) -> None:
    (tmp_path / "greffier-keys.env").write_text("of another instance")

    with greffier_serve(f"sqlite:///{tmp_path / 'greffier.db'}", GREFFIER_DOMAIN="example.com") as (
        process,
        _,
    ):
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)

    assert (tmp_path / "greffier-keys.env").read_text() == "of another instance"
    assert "greffier keys rotate secret" in said


@pytest.mark.parametrize(
    ("given", "name"), [({}, "example.com"), ({"GREFFIER_APP_NAME": "Orchard"}, "Orchard")]
)
def test_mails_and_pages_call_the_application_by_its_name(
    tmp_path: Path, given: dict[str, str], name: str
) -> None:
    database = f"sqlite:///{tmp_path / 'greffier.db'}"
    with greffier_serve(database, GREFFIER_DOMAIN="example.com", **given) as (_, url):
        asked = httpx.get(f"{url}/v1/environment", headers={"host": "clerk.example.com"})

    assert asked.json()["display_config"]["application_name"] == name


def test_default_sender_and_default_name_are_warned_of() -> None:
    settings = from_environment({"GREFFIER_SMTP_URL": "smtps://mail.example.com"})

    found = [*check_settings(settings, {}), *check_instances([instance("production")])]

    assert {"GREFFIER_MAIL_FROM", "clerk.example.com settings.application_name"} <= {f.setting for f in found}


def test_authenticator_apps_without_a_key_to_encrypt_them_with_refuse_a_start() -> None:
    apps = Attributes(authenticator_app=Attribute(enabled=True))
    instances = [instance(environment, attributes=apps) for environment in ("production", "development")]

    without = check_encryption((), instances)

    assert [finding.fatal for finding in without] == [False, True]
    assert check_encryption((b"k" * 32,), instances) == []


def test_new_production_instance_without_a_key_is_refused_and_told_how_to_make_one(tmp_path: Path) -> None:
    environ = KEYS | {"GREFFIER_DATABASE_URL": f"sqlite:///{tmp_path / 'greffier.db'}"}
    del environ["GREFFIER_ENCRYPTION_KEYS"]

    refused = run("serve", **environ)

    assert refused.returncode == 2
    assert "GREFFIER_ENCRYPTION_KEYS is missing" in refused.stderr
    assert "openssl rand -base64 32" in refused.stderr


def test_encryption_keys_are_read_in_their_order_and_never_repeated() -> None:
    keys = [base64.b64encode(byte * 32).decode() for byte in (b"n", b"o")]

    settings = from_environment({"GREFFIER_ENCRYPTION_KEYS": ", ".join(keys)})

    assert settings.encryption_keys == (b"n" * 32, b"o" * 32)
    for wrong in ("hunter2!", keys[0][:20]):
        with pytest.raises(ValueError, match="GREFFIER_ENCRYPTION_KEYS: a key") as refused:
            from_environment({"GREFFIER_ENCRYPTION_KEYS": wrong})
        assert wrong not in str(refused.value)


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
