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
    from greffier.server.hosted_pages.assets import npm_packages

    try:
        folders = npm_packages.install(
            packages or npm_packages.DEFAULT_PACKAGES, directory or npm_packages.default_directory()
        )
    except npm_packages.AssetsError as error:
        raise click.ClickException(str(error)) from error
    for folder in folders:
        click.echo(folder)


@assets.command("path")
def print_directory() -> None:
    """Print the directory that the server reads."""
    from greffier.server.hosted_pages.assets import npm_packages

    click.echo(npm_packages.default_directory())
