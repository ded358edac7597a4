"""`greffier config`: the settings of an instance as one TOML document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greffier.cli.opening import data_option, instance_option, print_json, read_file, with_database

if TYPE_CHECKING:
    from greffier.server.store.database import Database
    from greffier.server.web.instance.settings import InstanceSettings

file_option = click.option(
    "--file", required=True, metavar="FILE", help="The TOML document; - reads what is piped in."
)


@click.group()
def config() -> None:
    """The settings of an instance, as one TOML document.

    A document is declarative: what it does not mention gets its default.
    """


@config.command("schema")
def show_schema() -> None:
    """Print the JSON schema of the document."""
    from greffier.server.instances.document import schema

    click.echo(json.dumps(schema(), indent=2))


@config.command("show")
@instance_option
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of TOML.")
def show_settings(instance: str | None, data: Path | None, as_json: bool) -> None:
    """Print the settings in force, defaults included."""
    import msgspec

    from greffier.server.instances.document import write_toml

    settings = with_database(data, lambda database: _settings(database, instance))
    if as_json:
        print_json(msgspec.to_builtins(settings))
    else:
        click.echo(write_toml(settings), nl=False)


@config.command("diff")
@instance_option
@data_option
@file_option
def show_differences(instance: str | None, data: Path | None, file: str) -> None:
    """Print what `apply` would change. The exit status is 1 when there is something."""
    from greffier.server.instances.document import changes

    wanted = _read(file)
    found = changes(with_database(data, lambda database: _settings(database, instance)), wanted)
    _print_changes(found)
    if found:
        raise SystemExit(1)


@config.command("apply")
@instance_option
@data_option
@file_option
def apply_settings(instance: str | None, data: Path | None, file: str) -> None:
    """Put a document into force. A running server notices within seconds."""
    wanted = _read(file)
    found = with_database(data, lambda database: _apply(database, instance, wanted))
    _print_changes(found)
    click.echo(f"Changed {len(found)} setting{'' if len(found) == 1 else 's'}." if found else "No change.")


def _read(file: str) -> InstanceSettings:
    from greffier.server.instances.document import SettingsError, read_settings, warnings

    try:
        settings = read_settings(read_file(file))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    for warning in warnings(settings):
        click.echo(f"Warning: {warning}", err=True)
    return settings


async def _settings(database: Database, instance: str | None) -> InstanceSettings:
    from greffier.server.instances.administration import choose_instance, settings_of

    async with database.transaction() as db:
        return settings_of(await choose_instance(db, instance))


async def _apply(database: Database, instance: str | None, wanted: InstanceSettings) -> list[Any]:
    from greffier.server.instances.administration import (
        choose_instance,
        lock_instance,
        settings_of,
    )
    from greffier.server.instances.document import changes
    from greffier.server.provisioning import change_settings
    from greffier.server.store.clock import Clock

    async with database.transaction() as db:
        row = await lock_instance(db, (await choose_instance(db, instance)).id)
        found = changes(settings_of(row), wanted)
        if found:
            await change_settings(db, row, wanted, Clock().now_ms())
    return found


def _print_changes(found: list[Any]) -> None:
    from greffier.server.instances.not_built import shown

    for change in found:
        click.echo(f"{change.path}: {shown(change.before)} -> {shown(change.after)}")
