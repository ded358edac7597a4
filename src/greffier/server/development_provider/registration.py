"""An instance's registration with the development provider, and the places where that is offered."""

from __future__ import annotations

import re

import msgspec

from greffier.server.crypto.secrets import derived_bytes
from greffier.server.web.context import Context

PATH = "/development-provider"
CLIENT_ID = "greffier-development"

_URL = re.compile(rf"(?P<base>.+){PATH}/(?P<provider>[a-z0-9_]{{1,64}})(?P<rest>/.*)?")


class Registration(msgspec.Struct, frozen=True):
    """An instance's registration with the stand-in for one provider.

    Args:
        issuer: without a slash at its end; its endpoints are below it.
        client_secret: known to this server alone. It also signs what the stand-in issues, so that
            none of it is worth anything at another instance, another provider, or as a session.
    """

    provider: str
    issuer: str
    client_secret: str

    @property
    def authorization_url(self) -> str:
        return f"{self.issuer}/authorize"


def is_offered(ctx: Context) -> bool:
    """Returns whether visitors may be any person here: at a development instance of a server that also shows
    them the mail it has written. Strangers could reach a development instance of any other server."""
    return ctx.instance.is_development and ctx.services.settings.show_inbox


def registration_of(ctx: Context, provider: str, base_url: str) -> Registration:
    """Args: base_url: of this server, as the browser knows it."""
    secret = derived_bytes(provider, key=ctx.instance.code_key, purpose="development-provider")
    return Registration(provider, f"{base_url}{PATH}/{provider}", secret.hex())


def registration_at(ctx: Context, url: str) -> tuple[Registration, str] | None:
    """Returns the registration with the stand-in that a URL names, and the path of its endpoint."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    return registration_of(ctx, found["provider"], found["base"]), found["rest"] or ""
