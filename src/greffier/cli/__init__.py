"""The command line: `greffier dev | serve | migrate | assets`. Commands import what they need when run."""

from __future__ import annotations

import click

from greffier.cli.assets import assets
from greffier.cli.dev import dev
from greffier.cli.migrate import migrate
from greffier.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greffier")
def main() -> None:
    """Greffier: self-hosted identity, compatible with Clerk's SDKs."""


for command in (dev, serve, migrate, assets):
    main.add_command(command)
