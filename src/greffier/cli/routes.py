"""`greffier routes`: which gate every route of an app has."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from greffier.cli.opening import json_option, print_json


@click.command()
@click.argument("app", metavar="MODULE:APP")
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@json_option
def routes(app: str, factory: bool, as_json: bool) -> None:
    """List every route of your app and what guards it.

    MODULE:APP is where the app is, as for uvicorn: of FastAPI, Starlette, Litestar, Flask or Django (its
    wsgi or asgi module), or any other app behind AuthMiddleware. It is imported, not started.

    The exit status is 1 when a route is neither protected nor listed as public or ignored.
    """
    from dataclasses import asdict

    from greffier.sdk.errors import GreffierError
    from greffier.testing.routes import lint_routes

    try:
        report = lint_routes(_load(app, factory=factory))
    except GreffierError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json([asdict(finding) for finding in report.findings])
    else:
        click.echo(str(report))
    if report.undecided:
        count = len(report.undecided)
        click.echo(f"{count} undecided: neither protected nor listed.", err=True)
        raise SystemExit(1)


def _load(place: str, *, factory: bool) -> Any:
    """The app at `module:attribute.of.it`.

    Raises:
        ClickException: there is none; the message says why.
    """
    name, colon, attributes = place.partition(":")
    if not name or not colon or not attributes:
        raise click.ClickException(f"{place!r} does not say where the app is: write it like main:app.")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name + ".").startswith(error.name + "."):
            raise  # a module that the app misses: its traceback says where
        raise click.ClickException(f"There is no module {name!r} here.") from None
    try:
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except AttributeError:
        raise click.ClickException(f"Module {name!r} has no {attributes!r}.") from None
    return found() if factory else found
