"""The command line. Commands import what they need when run."""

from __future__ import annotations

import click

from greffier.cli.assets import assets
from greffier.cli.config import config
from greffier.cli.dev import dev
from greffier.cli.doctor.command import doctor
from greffier.cli.instances import instances
from greffier.cli.keys import keys
from greffier.cli.migrate import migrate
from greffier.cli.routes import routes
from greffier.cli.serve import serve
from greffier.cli.users import users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greffier")
def main() -> None:
    """Greffier: self-hosted identity, compatible with Clerk's SDKs."""


for command in (dev, serve, migrate, instances, config, keys, users, doctor, routes, assets):
    main.add_command(command)
