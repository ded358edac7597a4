"""`greffier assets`: browser files of npm packages, fetched once and served by the server from then on."""

from pathlib import Path

import click


@click.group()
def assets() -> None:
    """Browser files of npm packages, kept outside of the project."""


@assets.command("install")
@click.argument("packages", nargs=-1, metavar="[PACKAGE@VERSION]...")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to keep them. Default: GREFFIER_ASSETS_DIR, else the user's cache directory.",
)
def install_packages(packages: tuple[str, ...], directory: Path | None) -> None:
    """Fetch browser packages with npm; without arguments, the versions this server is tested with."""
    from greffier.server.hosted_pages.assets.installation import DEFAULT_PACKAGES, AssetsError, install
    from greffier.server.hosted_pages.assets.npm_packages import default_directory

    try:
        folders = install(packages or DEFAULT_PACKAGES, directory or default_directory())
    except AssetsError as error:
        raise click.ClickException(str(error)) from error
    for folder in folders:
        click.echo(folder)


@assets.command("path")
def print_directory() -> None:
    """Print the directory that the server reads."""
    from greffier.server.hosted_pages.assets import npm_packages

    click.echo(npm_packages.default_directory())
