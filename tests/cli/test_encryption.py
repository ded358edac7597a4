"""`greffier keys rotate --encryption`: secrets in the database, encrypted with another key."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner

from greffier.cli import main
from greffier.server.app import development_server
from tests.cli.commands import Installation
from tests.support.server import ENCRYPTION_KEY
from tests.support.services.processes import GREFFIER

NEW_KEY = b64encode(b"n" * 32).decode()
MANY = 20_000


def rotate(installation: Installation, *keys: str, **options: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "GREFFIER_DATABASE_URL": installation.database_url,
        "GREFFIER_ENCRYPTION_KEYS": ",".join(keys),
    }
    return subprocess.run(
        [*GREFFIER, "keys", "rotate", "--encryption", *options],
        capture_output=True,
        text=True,
        env=os.environ | environ,
        timeout=120,
    )


@pytest.fixture
def production(installation: Installation) -> Installation:
    """One production instance whose keys are in no file."""
    (installation.data / "encryption.key").unlink()
    return installation


def stored(data: Path) -> bytes:
    return b"".join(file.read_bytes() for file in data.glob("greffier.db"))


def test_everything_is_encrypted_with_the_first_key(production: Installation) -> None:
    first, second = (rotate(production, NEW_KEY, ENCRYPTION_KEY) for _ in range(2))
    alone = rotate(production, NEW_KEY)

    assert first.stdout.startswith("Encrypted 2 secrets with key ")
    assert second.stdout.startswith("Encrypted 0 secrets")
    assert (alone.returncode, first.returncode) == (0, 0)
    assert "No other key is needed any more." in alone.stdout


def test_former_key_that_was_dropped_too_early_is_said_and_nothing_is_lost(production: Installation) -> None:
    early = rotate(production, NEW_KEY)
    again = rotate(production, NEW_KEY, ENCRYPTION_KEY)

    assert early.returncode == 1
    assert "signing_keys.private_pem" in early.stderr
    assert again.returncode == 0
    assert again.stdout.startswith("Encrypted 2 secrets")


def test_without_a_key_it_says_how_to_make_one(production: Installation) -> None:
    refused = rotate(production)

    assert refused.returncode == 2
    assert "openssl rand -base64 32" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_keys_are_in_no_output(production: Installation) -> None:
    done, refused = rotate(production, NEW_KEY, ENCRYPTION_KEY), rotate(production, ENCRYPTION_KEY)

    said = done.stdout + done.stderr + refused.stdout + refused.stderr
    assert [key for key in (NEW_KEY, ENCRYPTION_KEY) if key[:12] in said] == []


def test_rotation_that_is_killed_in_the_middle_goes_on_and_loses_nothing(production: Installation) -> None:
    production.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
        " INSERT INTO machine_secret_keys (id, instance_id, machine_id, key_hash, secret, created_at)"
        " SELECT 'mks_' || i, id, 'mch_1', 'hash' || i, 'ak_in_the_clear_' || i, 1 FROM instances, n"
    )
    environ = {
        "GREFFIER_DATABASE_URL": production.database_url,
        "GREFFIER_ENCRYPTION_KEYS": f"{NEW_KEY},{ENCRYPTION_KEY}",
    }
    command = [*GREFFIER, "keys", "rotate", "--encryption"]
    with subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)

    finished = rotate(production, NEW_KEY, ENCRYPTION_KEY)

    left = int(finished.stdout.split()[1])
    assert process.returncode == -signal.SIGKILL
    assert 0 < left < MANY + 2
    assert b"ak_in_the_clear" not in stored(production.data)
    assert rotate(production, NEW_KEY).stdout.startswith("Encrypted 0 secrets")


@pytest.mark.parametrize("content", [None, "damaged"])
def test_development_server_whose_key_is_lost_says_what_to_restore(
    tmp_path: Path, content: str | None
) -> None:
    async def start() -> None:
        app = development_server(tmp_path)
        await app.start()
        await app.stop()

    asyncio.run(start())
    (tmp_path / "encryption.key").unlink()
    if content is not None:
        (tmp_path / "encryption.key").write_text(content)

    refused = CliRunner().invoke(main, ["dev", "--port", "0", "--data", str(tmp_path)])

    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit), refused.exception
    assert "encryption.key" in refused.stderr
    assert "restore" in refused.stderr.lower()


def test_development_server_encrypts_with_a_key_of_its_own(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    (tmp_path / "encryption.key").unlink()
    first = development_server(tmp_path).settings.encryption_keys

    assert len(first) == 1
    assert development_server(tmp_path).settings.encryption_keys == first
    assert (installation.data / "encryption.key").stat().st_mode & 0o077 == 0
