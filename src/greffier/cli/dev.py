"""`greffier dev`: a server on an embedded SQLite file, without any configuration."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from greffier.cli.certificates import Certificate
    from greffier.server.app import Server
    from greffier.server.settings import Settings

_LOCAL = ("localhost", "127.0.0.1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, chosen by the operator
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


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
@click.option("--tls", is_flag=True, help="Serve https, with a certificate authority made in --data.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="NAME",
    help="One more name at which the server answers, in the certificate too. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once the server answers.")
def dev(host: str, port: int, data: Path, tls: bool, domains: tuple[str, ...], as_json: bool) -> None:
    """Start a development server. Data and keys are kept in --data, and options never change the keys."""
    from greffier.cli.processes.running import run
    from greffier.server.app import development_server
    from greffier.server.store.migrate import UnknownSchema, upgrade_if_needed

    if unusable := [name for name in domains if not _DOMAIN.fullmatch(name)]:
        raise click.BadParameter(f"{unusable[0]!r} is not a host name in lower case.", param_hint="--domain")
    try:
        sockets = _listen(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None
    settings, local_url = settings_of(host, sockets[0].getsockname()[1], domains, tls=tls)
    try:
        app = development_server(data, settings=settings)
        asyncio.run(upgrade_if_needed(app.settings.database_url))
    except (UnknownSchema, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if lost := asyncio.run(_lost_keys(app)):
        why = f"{lost} Restore {data / 'encryption.key'}, or delete {data} to begin anew."
        raise click.ClickException(why)
    certificate = _certificate(app, data, domains) if tls else None
    facts = describe(app, local_url)
    if certificate is not None:
        facts["ca_certificate"] = str(certificate.ca.resolve())

    def announce() -> None:
        click.echo(json.dumps(facts) if as_json else _summary(facts, app.settings.rate_limit_scale))

    if certificate is None:
        run(app, sockets, announce)
    else:
        run(app, sockets, announce, certificate=certificate.chain, key=certificate.key)


async def _lost_keys(app: Server) -> str:
    """The finding about an encryption key that is gone; empty when there is none."""
    from greffier.server.reencryption import waiting
    from greffier.server.safety import check_secrets

    await app.database.start()
    try:
        async with app.database.transaction() as db:
            found = check_secrets(await waiting(db, all_columns=False), db.encryption.key_ids)
    finally:
        await app.database.stop()
    return next((f"{finding}" for finding in found if finding.fatal), "")


def _key_host(app: Server) -> str:
    from greffier.sdk.keys import decode_publishable_key

    return decode_publishable_key(app.publishable_key or "").frontend_api


def _certificate(app: Server, data: Path, domains: tuple[str, ...]) -> Certificate:
    from greffier.cli.certificates import LOCAL_NAMES, ensure_certificate

    return ensure_certificate(data, list(dict.fromkeys((*LOCAL_NAMES, _key_host(app), *domains))))


def settings_of(host: str, port: int, domains: tuple[str, ...], *, tls: bool) -> tuple[Settings, str]:
    """The settings, and the URL for programs on this machine: at localhost, which every program resolves.
    Browser SDKs find a server with TLS on port 443 by the host in the key, without a proxy URL.
    """
    import msgspec

    from greffier.server.settings import from_environment

    scheme, suffix = ("https", "" if port == 443 else f":{port}") if tls else ("http", f":{port}")
    named = () if host in (*_LOCAL, *_EVERYWHERE) else (host,)
    shown = f"[{host}]" if ":" in host else host if named else "localhost"
    settings = msgspec.structs.replace(
        from_environment(),
        hosts=(*named, *domains),
        listening_url=None if tls and port == 443 else f"{scheme}://{shown}{suffix}",
    )
    return settings, f"{scheme}://localhost{suffix}"


def describe(app: Server, local_url: str) -> dict[str, Any]:
    """The keys and URLs that an application needs to connect, without trailing slash or `/v1`.

    Args:
        local_url: the URL at which other programs on this machine reach the server.
    """
    url = app.settings.public_url or app.settings.listening_url or f"https://{_key_host(app)}"
    return {
        "publishable_key": app.publishable_key,
        "secret_key": app.secret_key,
        "frontend_api_url": url,
        "backend_api_url": local_url,
        "portal_url": url,
        "inbox_url": f"{app.settings.public_url or local_url}/inbox",
        "jwks_url": f"{local_url}/.well-known/jwks.json",
        "clerk_js_url": f"{url}/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
        "clerk_ui_url": f"{url}/npm/@clerk/ui@1/dist/ui.browser.js",
        "sign_in_url": f"{url}/sign-in",
        "sign_up_url": f"{url}/sign-up",
    }


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets for a host; `localhost` is both of its addresses where the machine has both. Whatever the host,
    programs on this machine find the server at localhost too."""
    if host not in _LOCAL:
        chosen = _bind(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)
        if host == "0.0.0.0":  # noqa: S104 - see above
            return [chosen]
        try:
            return [chosen, _bind(socket.AF_INET, "127.0.0.1", chosen.getsockname()[1])]
        except OSError:
            return [chosen]  # another program has that port of localhost
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


_NO_ASSETS = """
  Warning: the browser SDK is not installed, so pages stay empty. Run: greffier assets install
"""


def _assets_are_there() -> bool:
    from greffier.server.hosted_pages.assets.npm_packages import default_directory, resolve

    folder = default_directory()
    return all(resolve(folder, *wanted) for wanted in (("@clerk/clerk-js", "6"), ("@clerk/ui", "1")))


def _summary(facts: dict[str, Any], scale: float) -> str:
    authority = facts.get("ca_certificate")
    trust = f"\n    CA certificate    {authority} (trust it; NODE_EXTRA_CA_CERTS)" if authority else ""
    missing = "" if _assets_are_there() else _NO_ASSETS
    return f"""
  Greffier is ready at {facts["frontend_api_url"]}

    Sign in           {facts["sign_in_url"]}
    Sign up           {facts["sign_up_url"]}
    Inbox             {facts["inbox_url"]}
    Publishable key   {facts["publishable_key"]}
    Secret key        {facts["secret_key"]}{trust}
    Rate limits       scale {scale:g} (GREFFIER_RATE_LIMIT_SCALE); per address 100 times production's
{missing}
  For the application's shell:

export GREFFIER_PUBLISHABLE_KEY={facts["publishable_key"]}
export GREFFIER_SECRET_KEY={facts["secret_key"]}
export GREFFIER_PROXY_URL={facts["frontend_api_url"]}
export GREFFIER_API_URL={facts["backend_api_url"]}

  Stop with Ctrl-C. `greffier dev --json` prints all of this for programs.
"""
