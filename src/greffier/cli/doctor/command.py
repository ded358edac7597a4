"""`greffier doctor`: what is wrong or doubtful with an installation, and with a token."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffier.cli.opening import data_option, database_url, json_option, print_json

if TYPE_CHECKING:
    from greffier.cli.doctor.checks import Check

_MARKS = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}


@click.command()
@data_option
@click.option("--jwt", metavar="TOKEN", help="Examine this token instead; - reads it from standard input.")
@json_option
def doctor(data: Path | None, jwt: str | None, as_json: bool) -> None:
    """Examine configuration, keys, TLS, clock and database, or one token. Nothing is changed.

    The exit status is 1 when there is a problem; warnings do not count.
    """
    from greffier.cli.doctor.checks import check_installation
    from greffier.cli.doctor.token_checks import check_token

    if jwt is not None:
        found = check_token(sys.stdin.read().strip() if jwt == "-" else jwt)
    else:
        found = asyncio.run(check_installation(data, database_url(data)))
    if as_json:
        print_json([check._asdict() for check in found])
    else:
        _print(found)
    if any(check.level == "problem" for check in found):
        raise SystemExit(1)


def _print(found: list[Check]) -> None:
    for check in found:
        click.echo(f"{_MARKS[check.level]} {check.subject}: {check.text}")
