"""Applications that register themselves (RFC 7591), where the settings allow it. Such a client is not
verified, so its users are always asked, and it never gets private metadata.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.oauth_provider.applications.redirect_uris import MAX_COUNT, redirect_uri_problem
from greffier.server.oauth_provider.applications.requests import RegistrationRequest
from greffier.server.oauth_provider.queries import INSERT_APPLICATION
from greffier.server.oauth_provider.scopes import (
    DESCRIPTIONS,
    DYNAMIC_CLIENT_SCOPES,
    MAX_LENGTH,
    allowed_for_dynamic_clients,
    join_scopes,
    split_scopes,
)
from greffier.server.oauth_provider.tables import OAuthApplicationRow
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context

Method = Literal["client_secret_basic", "client_secret_post", "none"]
Url = Annotated[str, msgspec.Meta(max_length=1024)]


class _Metadata(msgspec.Struct, kw_only=True):
    redirect_uris: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_COUNT)]
    token_endpoint_auth_method: Method | None = None
    client_name: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    client_uri: Url | None = None
    logo_uri: Url | None = None
    scope: Annotated[str, msgspec.Meta(max_length=MAX_LENGTH)] | None = None


class Registration(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.DynamicClientRegistrationResponse`. Times are in seconds; the secret never expires."""

    client_id: str
    client_secret: str | msgspec.UnsetType = msgspec.UNSET
    client_id_issued_at: int
    client_secret_expires_at: int = 0
    client_name: str
    client_uri: str | msgspec.UnsetType = msgspec.UNSET
    logo_uri: str | msgspec.UnsetType = msgspec.UNSET
    redirect_uris: list[str]
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    response_types: tuple[str, ...] = ("code",)
    scope: str
    token_endpoint_auth_method: Method


async def register_client(ctx: Context, params: RegistrationRequest) -> Registration:
    """A new application, as an anonymous request describes it.

    Raises:
        ApiError: 422 where registration is off, 400 with the codes of RFC 7591 section 3.2.2.
    """
    if not ctx.instance.settings.oauth_provider.dynamic_registration:
        raise errors.oauth_registration_disabled()
    metadata = _read(params)
    method: Method = metadata.token_endpoint_auth_method or "client_secret_basic"
    client_secret = "" if method == "none" else new_secret()
    client_id = new_id("client", now_ms=ctx.now)
    row = OAuthApplicationRow(
        id=new_id("oa", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        name=metadata.client_name or client_id,
        client_id=client_id,
        client_secret_hash=hash_secret(client_secret) if client_secret else None,
        client_uri=_page(metadata.client_uri, "client_uri"),
        logo_uri=_page(metadata.logo_uri, "logo_uri"),
        logo_id=None,
        dynamically_registered=True,
        consent_screen_enabled=True,
        pkce_required=False,
        public=method == "none",
        scopes=_scopes(metadata.scope),
        redirect_uris=_redirect_uris(metadata.redirect_uris),
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_APPLICATION, row)
    return Registration(
        client_id=row.client_id,
        client_secret=client_secret or msgspec.UNSET,
        client_id_issued_at=ctx.now // 1000,
        client_name=row.name,
        client_uri=row.client_uri or msgspec.UNSET,
        logo_uri=row.logo_uri or msgspec.UNSET,
        redirect_uris=row.redirect_uris,
        scope=join_scopes(row.scopes),
        token_endpoint_auth_method=method,
    )


def _refused(why: str) -> errors.ApiError:
    return errors.oauth_registration_refused("invalid_client_metadata", why)


def _read(params: RegistrationRequest) -> _Metadata:
    given = {name: value for name, value in msgspec.structs.asdict(params).items() if value is not None}
    try:
        return msgspec.convert(given, _Metadata)
    except msgspec.ValidationError as error:
        if "redirect_uris" in str(error):
            raise errors.oauth_registration_refused("invalid_redirect_uri", f"{error}.") from None
        raise _refused(f"{error}.") from None


def _redirect_uris(given: list[str]) -> list[str]:
    for uri in given:
        if problem := redirect_uri_problem(uri, plain_http=False):
            raise errors.oauth_registration_refused(
                "invalid_redirect_uri", f"A redirect URI cannot be used: {problem}."
            )
    return list(dict.fromkeys(given))


def _page(url: str | None, name: str) -> str | None:
    """A link or a picture on the consent screen."""
    if not url:
        return None
    problem = redirect_uri_problem(url, plain_http=False)
    if problem or urlsplit(url).scheme != "https":
        raise _refused(f"{name} must be an https URL.")
    return url


def _scopes(text: str | None) -> list[str]:
    """The requested scopes, as far as an unverified client can have them: the server may grant less, and
    answers with what it granted (RFC 7591 section 2). Clients that ask for nothing, as agents do, may ask
    their users for what discovery lists.
    """
    asked = [scope for scope in split_scopes(text or "") if scope in DESCRIPTIONS]
    return allowed_for_dynamic_clients(asked) or list(DYNAMIC_CLIENT_SCOPES)
