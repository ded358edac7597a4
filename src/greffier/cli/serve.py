"""`greffier serve`: production."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffier.cli.opening import SettingError, unreachable

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
    GREFFIER_DOMAIN alone an instance is made for that domain at the first start. Its keys are shown once on a
    terminal; without one they are written to a file that its owner alone can read. The database is migrated
    when that is needed. An unsafe configuration is refused.

    SIGTERM lets requests in flight finish. SIGHUP reads the configuration again and replaces one worker after
    the other; a configuration that cannot be used leaves the former one in force.
    """
    from greffier.cli.processes.supervising import supervise
    from greffier.server.production import ConfigurationError
    from greffier.server.settings import from_environment, read_environment
    from greffier.server.store.database import DatabaseUnavailable
    from greffier.server.web.observability.logs import configure_logging

    configure = _configuration(config, workers)
    try:
        prepared = _wait_for_database(configure, config)
        listen_host = host or read_environment().get("GREFFIER_HOST", "127.0.0.1")
        listen_port = port or _number("GREFFIER_PORT", 8787)
        processes = workers or _number("GREFFIER_WORKERS", 1)
    except ConfigurationError as error:
        raise SettingError(str(error)) from None
    except DatabaseUnavailable as error:
        raise unreachable(error) from None
    _report(prepared)
    configure_logging("json")
    log.info("every rate limit is multiplied by %g", from_environment().rate_limit_scale)

    def reconfigure() -> bool:
        try:
            for warning in configure().warnings:
                log.warning("%s", warning)
        except (ConfigurationError, DatabaseUnavailable) as error:
            log.error("the former configuration stays in force: %s", error)
            return False
        return True

    supervise(
        "greffier.server.production:production_server",
        host=listen_host,
        port=listen_port,
        workers=processes,
        reconfigure=reconfigure,
    )


def _wait_for_database(configure: Callable[[], Prepared], file: Path | None) -> Prepared:
    """The configuration, once the database can be reached, which may start together with this server.

    Raises:
        ConfigurationError: a setting cannot be used.
        DatabaseUnavailable: not within `GREFFIER_DATABASE_WAIT` seconds, or it refuses us.
    """
    from greffier.server.production import read_server_document
    from greffier.server.store.database import DatabaseUnavailable

    environ = (read_server_document(file) if file else {}) | dict(os.environ)
    wait = _number("GREFFIER_DATABASE_WAIT", 30, least=0, environ=environ)
    deadline = time.monotonic() + wait
    said = False
    while True:
        try:
            return configure()
        except DatabaseUnavailable as error:
            if error.lasting or time.monotonic() >= deadline:
                raise
            if not said:
                click.echo(f"Waiting up to {wait} s for the database: {error}", err=True)
                said = True
            time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))


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


def _number(name: str, default: int, *, least: int = 1, environ: Mapping[str, str] | None = None) -> int:
    from greffier.server.production import ConfigurationError
    from greffier.server.settings import read_environment

    try:
        text = read_environment(environ).get(name, str(default))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    if not text.isdecimal() or not least <= int(text) <= 65535:
        raise ConfigurationError(f"{name} must be a whole number from {least}, not {text!r}.")
    return int(text)


def _report(prepared: Prepared) -> None:
    for warning in prepared.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(f"Database: {prepared.migration}.")
    created = prepared.created
    if created is not None:
        keys = (
            f"GREFFIER_PUBLISHABLE_KEY={created.publishable_key}\nGREFFIER_SECRET_KEY={created.secret_key}\n"
        )
        click.echo(f"Made a production instance for {created.domain}. {_print_new_keys(keys)}")


def _print_new_keys(keys: str) -> str:
    """Show the keys of a new instance on a terminal. Other outputs are logs, which keep secrets: then they go
    to a file.
    """
    if sys.stdout.isatty():
        return f"Keep its secret key; it is not stored.\n{keys}"
    from greffier.server.settings import from_environment

    url = from_environment().database_url
    folder = Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:") else Path()
    path = (folder / "greffier-keys.env").absolute()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        again = "`greffier keys rotate secret` makes another secret key."
        return f"Its keys could not be written to {path} ({error.strerror}): {again}"
    with os.fdopen(descriptor, "w") as file:
        file.write(keys)
    return f"Its keys are in {path}; the secret key is stored nowhere else."
