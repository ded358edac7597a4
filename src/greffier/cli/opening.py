"""Shared by commands that manage an installation: opening its database, and reporting mistakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from greffier.server.store.database import Database, DatabaseUnavailable

P = ParamSpec("P")
T = TypeVar("T")

instance_option = click.option(
    "--instance",
    metavar="ID",
    help="The instance: its id, publishable key, host or domain. Not needed when there is only one.",
)
data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of a development server. Default: the database at GREFFIER_DATABASE_URL, else .greffier.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")


class SettingError(click.ClickException):
    """A setting that cannot be used, reported in one line."""

    exit_code = 2


def unreachable(error: DatabaseUnavailable, data: Path | None = None) -> SettingError:
    """The error for a database that cannot be reached."""
    setting = "GREFFIER_DATABASE_URL" if data is None else f"--data {data}"
    return SettingError(f"{setting}: the database cannot be reached: {error}")


def database_url(data: Path | None) -> str:
    """The database that a command is about."""
    from greffier.server.settings import from_environment

    if data is not None:
        return f"sqlite:///{data / 'greffier.db'}"
    try:
        return from_environment().database_url
    except ValueError as error:
        raise SettingError(str(error)) from None


def encryption_keys(url: str) -> tuple[bytes, ...]:
    """The keys of the secrets in a database: those of the settings, and a development server's own."""
    from greffier.server.keys_file import encryption_key_beside
    from greffier.server.settings import from_environment

    try:
        return (*from_environment().encryption_keys, *encryption_key_beside(url))
    except ValueError as error:
        raise SettingError(str(error)) from None


def with_database(data: Path | None, work: Callable[[Database], Awaitable[T]], *, create: bool = False) -> T:
    """Run something with the database open; what is wrong with its input becomes a message.

    Args:
        create: make or migrate the database first.
    """
    from greffier.server.crypto.encryption import Undecryptable
    from greffier.server.errors import ApiError
    from greffier.server.instances.document import SettingsError
    from greffier.server.store.database import DatabaseUnavailable
    from greffier.server.store.migrate import UnknownSchema

    try:
        return asyncio.run(_with_database(database_url(data), work, create))
    except DatabaseUnavailable as error:
        raise unreachable(error, data) from None
    except (SettingsError, UnknownSchema) as error:
        raise click.ClickException(str(error)) from None
    except Undecryptable as error:
        raise SettingError(f"GREFFIER_ENCRYPTION_KEYS: a secret cannot be decrypted: {error}.") from None
    except ApiError as error:
        lines = [f"{item.long_message or item.message}" for item in error.items]
        raise click.ClickException("\n".join(lines)) from None


async def _with_database(url: str, work: Callable[[Database], Awaitable[T]], create: bool) -> T:
    from greffier.server.store.migrate import current_revision, newest_revision, upgrade_if_needed
    from greffier.server.store.opening import open_database

    database = open_database(url, encryption_keys=encryption_keys(url))
    if create:
        await upgrade_if_needed(url)
    elif await current_revision(url) != newest_revision():
        raise click.ClickException("the database is missing or not up to date: run `greffier migrate`.")
    await database.start()
    try:
        return await work(database)
    finally:
        await database.stop()


def read_file(path: str) -> dict[str, Any]:
    """A TOML document; `-` reads what is piped in."""
    from greffier.server.instances.document import SettingsError, read_toml

    try:
        return read_toml(click.open_file(path, encoding="utf-8").read())
    except SettingsError as error:
        raise click.ClickException(f"{path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"cannot read {path}: {error}") from None


def print_json(value: Any) -> None:
    click.echo(json.dumps(value))


def iso(millis: int) -> str:
    """A time of the wire as people read it, in UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="seconds")
