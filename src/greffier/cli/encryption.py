"""`greffier keys rotate --encryption`: all secrets in the database, encrypted with the current key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffier.cli.opening import SettingError, print_json, with_database

if TYPE_CHECKING:
    from greffier.server.store.database import Database

_SAY_EVERY = 1.0
"""Seconds between two lines of progress."""


def reencrypt(data: Path | None, *, as_json: bool) -> None:
    """Run it to its end and say what was done. Fails when a secret cannot be decrypted."""
    encrypted, lost, key_id = with_database(data, _reencrypt)
    if as_json:
        print_json({"key_id": key_id, "encrypted": encrypted, "lost": lost})
    else:
        click.echo(f"Encrypted {encrypted} secrets with key {key_id}.")
    if lost:
        what = ", ".join(f"{count} in {column}" for column, count in lost.items())
        raise click.ClickException(f"none of the given keys decrypts {what}: keep the former keys.")
    if not as_json:
        click.echo("No other key is needed any more.")


async def _reencrypt(database: Database) -> tuple[int, dict[str, int], str]:
    from greffier.server import reencryption
    from greffier.server.safety import ENCRYPTION_KEYS, KEY_HINT

    key_id = database.encryption.current
    if key_id is None:
        raise SettingError(f"{ENCRYPTION_KEYS} is missing: {KEY_HINT}")
    encrypted, lost, said = 0, dict[str, int](), 0.0
    async for progress in reencryption.reencrypt(database):
        encrypted += progress.encrypted
        if progress.lost:
            lost[progress.column] = lost.get(progress.column, 0) + progress.lost
        if time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            click.echo(f"{progress.column}: {encrypted} secrets so far", err=True)
    return encrypted, lost, key_id
