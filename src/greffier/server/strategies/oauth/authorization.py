"""The authorization request, and what is kept until its answer (RFC 6749 section 4.1.1, RFC 7636)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import msgspec

from greffier.server.crypto.secrets import new_secret
from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import Endpoints
from greffier.server.web.context import Context

CALLBACK = "/v1/oauth_callback"


class OAuthRequest(msgspec.Struct, kw_only=True):
    """`redirect_url`: the page that reads from the client what comes next. `action_complete_redirect_url`:
    where the browser is led instead when it is signed in then."""

    redirect_url: str | None = None
    action_complete_redirect_url: str | None = None
    oidc_prompt: str | None = None
    oidc_login_hint: str | None = None
    additional_scope: list[str] = []


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Secrets of one authorization, which bind the provider's answer to it."""

    state: str
    code_verifier: str | None
    nonce: str | None


def redirect_uri(ctx: Context) -> str:
    """As it is registered with each provider."""
    return f"{ctx.public_url}{CALLBACK}"


def new_pending(connection: Connection) -> Pending:
    provider = connection.provider
    asks_nonce = provider.gives_id_token and provider.nonce
    return Pending(
        state=new_secret(),
        code_verifier=new_secret() if provider.pkce else None,
        nonce=new_secret() if asks_nonce else None,
    )


def requested_scopes(connection: Connection, additional: Iterable[str]) -> tuple[str, ...]:
    """The scopes that sign-in needs, those of the settings, and additional ones."""
    return tuple(dict.fromkeys((*connection.provider.scopes, *connection.settings.scopes, *additional)))


def authorization_url(
    ctx: Context,
    connection: Connection,
    endpoints: Endpoints,
    pending: Pending,
    asked: OAuthRequest,
    *,
    consent: bool,
) -> str:
    """The URL to which the browser is sent.

    Args:
        consent: the user connects the account, or gives more scopes: the provider may ask for their consent
            once more, if it gives a refresh token only then.
    """
    provider = connection.provider
    again = {
        **provider.authorization_parameters,
        **(provider.consent_parameters if consent else {}),
        **connection.settings.authorization_parameters,
    }
    parameters: dict[str, str | None] = {
        **again,
        "response_type": "code",
        provider.client_id_name: connection.credentials.client_id,
        "redirect_uri": redirect_uri(ctx),
        "scope": provider.scope_separator.join(requested_scopes(connection, asked.additional_scope)) or None,
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": _challenge(pending.code_verifier),
        "code_challenge_method": "S256" if pending.code_verifier else None,
        "response_mode": "form_post" if provider.form_post else None,
        "prompt": asked.oidc_prompt or again.get("prompt"),
        "login_hint": asked.oidc_login_hint,
    }
    given = urlencode({name: value for name, value in parameters.items() if value})
    separator = "&" if urlsplit(endpoints.authorization_url).query else "?"
    return f"{endpoints.authorization_url}{separator}{given}"


def _challenge(code_verifier: str | None) -> str | None:
    if code_verifier is None:
        return None
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
