"""The providers of social sign-in: their credentials, discovery documents and keys, and the redirect URI to
register with them. Part of `greffier doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from greffier.cli.doctor.certificate_checks import Check

if TYPE_CHECKING:
    from greffier.server.store.database import Database, Transaction
    from greffier.server.strategies.oauth.connections import Connection
    from greffier.server.web.context import Context
    from greffier.server.web.instance.instance import Instance

_STANDS_IN = "no credentials: the development provider stands in for it"
_REFUSED = (
    "no client_id and client_secret: only development servers stand in for it, so its button does not work."
)


async def check_providers(
    database: Database, db: Transaction, instance: Instance, *, public_url: str | None, of_dev: bool
) -> list[Check]:
    """Everything about the providers of one instance. Production instances without credentials are reported
    with their other settings.

    Args:
        public_url: the configured one, if it is this instance's.
        of_dev: the installation is one of `greffier dev`.
    """
    from greffier.server.app import operator_context
    from greffier.server.strategies.oauth.connections import connections

    ctx = operator_context(database, db, msgspec.structs.replace(instance, public_url=public_url))
    found = [
        Check("ok", _subject(instance, entry.provider), _STANDS_IN)
        if of_dev
        else Check("warning", _subject(instance, entry.provider), _REFUSED)
        for entry in instance.settings.social
        if entry.enabled and not entry.client_id and instance.is_development
    ]
    for connection in connections(ctx):
        found += [_redirect_uri(ctx, connection), await _endpoints(ctx, connection)]
    return found


def _subject(instance: Instance, provider: str) -> str:
    return f"{instance.frontend_api_host} {provider}"


def _redirect_uri(ctx: Context, connection: Connection) -> Check:
    from greffier.server.strategies.oauth.authorization import CALLBACK, redirect_uri

    known = ctx.instance.public_url is not None or not ctx.instance.is_development
    url = redirect_uri(ctx) if known else f"<URL that greffier dev prints>{CALLBACK}"
    return Check(
        "ok", _subject(ctx.instance, connection.provider.key), f"the redirect URI to register is {url}"
    )


async def _endpoints(ctx: Context, connection: Connection) -> Check:
    """Asks for what sign-ins need before the browser is sent away, and for the keys of ID tokens."""
    from greffier.server.strategies.oauth.discovery import endpoints_of, keys_of
    from greffier.server.strategies.oauth.fetching import Refused

    subject, provider = _subject(ctx.instance, connection.provider.key), connection.provider
    try:
        found = await endpoints_of(ctx, connection)
        if provider.gives_id_token and not provider.id_token_by_secret:
            if found.jwks_url is None:
                raise Refused("it names no keys for ID tokens")
            await keys_of(ctx, connection, found.jwks_url)
    except Refused as error:
        return Check("problem", subject, f"sign-in with it fails: {error}")
    return Check("ok", subject, f"authorizes at {found.authorization_url}")
