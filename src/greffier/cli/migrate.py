"""`greffier migrate`: bring the database up to date."""

from __future__ import annotations

import asyncio

import click


@click.command()
def migrate() -> None:
    """Bring the database at GREFFIER_DATABASE_URL up to date."""
    from greffier.server.settings import from_environment
    from greffier.server.store.migrate import newest_revision, upgrade_if_needed

    try:
        settings = from_environment()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    changed = asyncio.run(upgrade_if_needed(settings.database_url))
    click.echo(f"{'Migrated to' if changed else 'Already at'} {newest_revision()}.")
