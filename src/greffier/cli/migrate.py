"""`greffier migrate`: bring the database up to date."""

from __future__ import annotations

import asyncio

import click

from greffier.cli.opening import database_url, unreachable


@click.command()
def migrate() -> None:
    """Bring the database at GREFFIER_DATABASE_URL up to date."""
    from greffier.server.store.database import DatabaseUnavailable
    from greffier.server.store.migrate import UnknownSchema, newest_revision, upgrade_if_needed

    url = database_url(None)
    try:
        changed = asyncio.run(upgrade_if_needed(url))
    except DatabaseUnavailable as error:
        raise unreachable(error) from None
    except UnknownSchema as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{'Migrated to' if changed else 'Already at'} {newest_revision()}.")
