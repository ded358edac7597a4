"""`greffier serve`: production."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from greffier.server.production import Prepared

log = logging.getLogger("greffier.serve")


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A TOML file with the GREFFIER_* variables in lower case. Variables win over it.",
)
@click.option("--host", help="Address to listen on. Default: GREFFIER_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: GREFFIER_PORT, else 8787.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Processes that answer requests. Default: GREFFIER_WORKERS, else 1.",
)
def serve(config: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the instances of the database at GREFFIER_DATABASE_URL, sqlite:///... or postgresql://...

    GREFFIER_PUBLISHABLE_KEY, GREFFIER_SECRET_KEY and GREFFIER_DOMAIN name an instance to make sure of. With
    GREFFIER_DOMAIN alone an instance is made for that domain at the first start, and its keys are printed
    once. An unsafe configuration is refused.

    SIGTERM lets requests in flight finish. SIGHUP reads the configuration again and replaces one worker after
    the other; a configuration that cannot be used leaves the former one in force.
    """
    from greffier.cli.supervising import supervise
    from greffier.server.production import ConfigurationError
    from greffier.server.settings import from_environment
    from greffier.server.web.logs import configure_logging

    configure = _configuration(config, workers)
    try:
        prepared = configure()
        listen_port = port or _number("GREFFIER_PORT", 8787)
        processes = workers or _number("GREFFIER_WORKERS", 1)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    _tell(prepared)
    configure_logging("json")
    log.info("every rate limit is multiplied by %g", from_environment().rate_limit_scale)

    def reconfigure() -> bool:
        try:
            for warning in configure().warnings:
                log.warning("%s", warning)
        except ConfigurationError as error:
            log.error("the former configuration stays in force: %s", error)
            return False
        return True

    supervise(
        "greffier.server.production:production_server",
        host=host or os.environ.get("GREFFIER_HOST", "127.0.0.1"),
        port=listen_port,
        workers=processes,
        reconfigure=reconfigure,
    )


def _configuration(file: Path | None, workers: int | None) -> Callable[[], Prepared]:
    """Reads the configuration into this process's environment, where workers find it, and checks it.

    Args:
        workers: as the option says, which wins.
    """
    from greffier.server.production import prepare, read_server_document

    given = dict(os.environ) | ({"GREFFIER_WORKERS": str(workers)} if workers else {})

    def configure() -> Prepared:
        environ = (read_server_document(file) if file else {}) | given
        prepared = asyncio.run(prepare(environ))
        for name in set(os.environ) - set(environ):
            del os.environ[name]
        os.environ.update(environ)
        return prepared

    return configure


def _number(name: str, default: int) -> int:
    from greffier.server.production import ConfigurationError

    text = os.environ.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ConfigurationError(f"{name} must be a whole number above 0, not {text!r}.")
    return int(text)


def _tell(prepared: Prepared) -> None:
    for warning in prepared.warnings:
        click.echo(f"Warning: {warning}", err=True)
    created = prepared.created
    if created is not None:
        click.echo(
            f"Made a production instance for {created.domain}. Keep its secret key; it is not stored.\n"
            f"  GREFFIER_PUBLISHABLE_KEY={created.publishable_key}\n"
            f"  GREFFIER_SECRET_KEY={created.secret_key}"
        )
