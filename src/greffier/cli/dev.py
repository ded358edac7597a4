"""`greffier dev`: a server on an embedded SQLite file, without any configuration."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from greffier.server.app import Server

_LOCAL = ("localhost", "127.0.0.1")


@click.command()
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option("--port", default=8787, show_default=True, help="Port to listen on; 0 picks a free one.")
@click.option(
    "--data",
    default=Path(".greffier"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database and the keys.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once the server answers.")
def dev(host: str, port: int, data: Path, as_json: bool) -> None:
    """Start a development server. Data and keys are kept in --data."""
    from greffier.cli.running import run
    from greffier.server.app import development_server

    app = development_server(data)
    try:
        sockets = _listen(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None
    shown_host = "localhost" if host in _LOCAL else host
    facts = describe(app, f"http://{shown_host}:{sockets[0].getsockname()[1]}")

    def announce() -> None:
        click.echo(json.dumps(facts) if as_json else _summary(facts, app.settings.rate_limit_scale))

    run(app, sockets, announce)


def describe(app: Server, url: str) -> dict[str, Any]:
    """What an application needs to connect: keys and URLs, without trailing slash or `/v1`."""
    return {
        "publishable_key": app.publishable_key,
        "secret_key": app.secret_key,
        "frontend_api_url": url,
        "backend_api_url": url,
        "portal_url": url,
        "inbox_url": f"{url}/inbox",
        "jwks_url": f"{url}/.well-known/jwks.json",
        "clerk_js_url": f"{url}/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
        "clerk_ui_url": f"{url}/npm/@clerk/ui@1/dist/ui.browser.js",
        "sign_in_url": f"{url}/sign-in",
        "sign_up_url": f"{url}/sign-up",
    }


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets for a host; `localhost` is both of its addresses where the machine has both."""
    if host not in _LOCAL:
        return [_bind(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)]
    first = _bind(socket.AF_INET, "127.0.0.1", port)
    try:
        return [first, _bind(socket.AF_INET6, "::1", first.getsockname()[1])]
    except OSError:
        return [first]  # no IPv6 on this machine


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _summary(facts: dict[str, Any], scale: float) -> str:
    return f"""
  Greffier is ready at {facts["frontend_api_url"]}

    Sign in           {facts["sign_in_url"]}
    Sign up           {facts["sign_up_url"]}
    Inbox             {facts["inbox_url"]}
    Publishable key   {facts["publishable_key"]}
    Secret key        {facts["secret_key"]}
    Rate limits       scale {scale:g} (GREFFIER_RATE_LIMIT_SCALE); per address 100 times production's

  Stop with Ctrl-C. `greffier dev --json` prints all of this for programs.
"""
