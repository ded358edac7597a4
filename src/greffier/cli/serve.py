"""`greffier serve`: production in its simplest form."""

from __future__ import annotations

import asyncio

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8787, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the instance that GREFFIER_PUBLISHABLE_KEY, GREFFIER_SECRET_KEY and GREFFIER_DOMAIN name.

    With GREFFIER_DOMAIN alone an instance is made for that domain at the first start, and its keys are
    printed once. GREFFIER_DATABASE_URL is sqlite:///... or postgresql://...
    """
    import uvicorn

    from greffier.cli.running import GRACE
    from greffier.server.production import ConfigurationError, prepare
    from greffier.server.settings import from_environment

    try:
        created = asyncio.run(prepare())
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    if created is not None:
        click.echo(
            f"Made a production instance for {created.domain}. Keep its secret key; it is not stored.\n"
            f"  GREFFIER_PUBLISHABLE_KEY={created.publishable_key}\n"
            f"  GREFFIER_SECRET_KEY={created.secret_key}"
        )
    click.echo(f"Rate limits: scale {from_environment().rate_limit_scale:g}.", err=True)
    uvicorn.run(
        "greffier.server.production:production_server",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="info",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
