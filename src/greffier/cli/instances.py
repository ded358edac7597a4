"""`greffier instances`: the tenants of an installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greffier.cli.opening import data_option, iso, json_option, print_json, read_file, with_database

if TYPE_CHECKING:
    from greffier.server.instances.administration import CheckedDocument
    from greffier.server.instances.tables import InstanceRow
    from greffier.server.store.database import Database, Transaction

config_option = click.option(
    "--config", "file", required=True, metavar="FILE", help="A TOML file; - reads what is piped in."
)


@click.group()
def instances() -> None:
    """The instances of this installation, each with its own hosts, keys, users and settings."""


@instances.command("create")
@config_option
@data_option
@json_option
def create_instance(file: str, data: Path | None, as_json: bool) -> None:
    """Make an instance. Keys that the file does not give are generated and printed once."""
    document = _read(file)
    facts = with_database(data, lambda database: _create(database, document), create=True)
    _print(facts, as_json)
    if not as_json and "secret_key" in facts:
        click.echo("Keep the secret key; it is not stored.")


@instances.command("list")
@data_option
@json_option
def list_instances(data: Path | None, as_json: bool) -> None:
    """Print all instances, oldest first."""
    found = with_database(data, _list)
    if as_json:
        print_json(found)
        return
    for facts in found:
        click.echo(f"{facts['id']}  {facts['environment']:<11}  {', '.join(facts['hosts'])}")


@instances.command("show")
@click.argument("instance", required=False)
@data_option
@json_option
def show_instance(instance: str | None, data: Path | None, as_json: bool) -> None:
    """Print one instance. INSTANCE is its id, publishable key, host or domain."""
    _print(with_database(data, lambda database: _show(database, instance)), as_json)


@instances.command("update")
@click.argument("instance", required=False)
@config_option
@data_option
@json_option
def update_instance(instance: str | None, file: str, data: Path | None, as_json: bool) -> None:
    """Change what the file mentions: hosts, domain, more secret keys, settings.

    A running server notices within seconds. `greffier keys rotate` ends old keys.
    """
    document = _read(file)
    _print(with_database(data, lambda database: _update(database, instance, document)), as_json)


def _read(file: str) -> CheckedDocument:
    from greffier.server.instances.administration import read_instance_document
    from greffier.server.instances.document import SettingsError, warnings

    try:
        document = read_instance_document(read_file(file))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if document.settings is not None:
        for warning in warnings(document.settings, at="settings."):
            click.echo(f"Warning: {warning}", err=True)
    return document


async def _facts(db: Transaction, row: InstanceRow) -> dict[str, Any]:
    from greffier.server.instances.administration import hosts_of, satellite_domains_of

    return {
        "id": row.id,
        "environment": row.environment,
        "publishable_key": row.publishable_key,
        "hosts": await hosts_of(db, row),
        "domain": row.domain,
        "satellites": [
            {"domain": satellite.domain, "host": satellite.host, "proxy_url": satellite.proxy_url}
            for satellite in await satellite_domains_of(db, row)
        ],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


async def _create(database: Database, document: CheckedDocument) -> dict[str, Any]:
    from greffier.server.provisioning import create_from_document
    from greffier.server.store.clock import Clock

    async with database.transaction() as db:
        created = await create_from_document(db, document, Clock().now_ms())
        generated = {"secret_key": created.secret_key} if created.secret_key else {}
        return await _facts(db, created.row) | generated


async def _list(database: Database) -> list[dict[str, Any]]:
    from greffier.server.instances.administration import all_instances

    async with database.transaction() as db:
        return [await _facts(db, row) for row in await all_instances(db)]


async def _show(database: Database, instance: str | None) -> dict[str, Any]:
    from greffier.server.instances.administration import choose_instance

    async with database.transaction() as db:
        return await _facts(db, await choose_instance(db, instance))


async def _update(database: Database, instance: str | None, document: CheckedDocument) -> dict[str, Any]:
    from greffier.server.instances.administration import choose_instance
    from greffier.server.provisioning import update_from_document
    from greffier.server.store.clock import Clock

    async with database.transaction() as db:
        row = await choose_instance(db, instance)
        return await _facts(db, await update_from_document(db, row, document, Clock().now_ms()))


def _print(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if name.endswith("_at"):
            value = iso(value)
        if name == "satellites":
            value = [f"{domain['domain']} at {domain['host']}" for domain in facts["satellites"]]
        shown = ", ".join(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        click.echo(f"{name + ':':<17} {shown or '-'}")
