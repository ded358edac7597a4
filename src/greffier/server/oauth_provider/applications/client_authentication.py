"""Client authentication (RFC 6749 section 2.3)."""

from __future__ import annotations

import base64
from urllib.parse import unquote_plus

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, same
from greffier.server.oauth_provider.applications.lifecycle import find_application
from greffier.server.oauth_provider.tables import OAuthApplicationRow
from greffier.server.web.context import Context


class ClientCredentials(msgspec.Struct, kw_only=True):
    """The credentials that any request of a client may carry in its body."""

    client_id: str | None = None
    client_secret: str | None = None


async def authenticate_client(ctx: Context, params: ClientCredentials) -> OAuthApplicationRow:
    """The application: a confidential one by its secret, in the header or the body; a public one by its name.

    Raises:
        ApiError: 401 `invalid_client`, 400 when it authenticates in two ways.
    """
    client_id, client_secret = _credentials(ctx, params)
    application = await find_application(ctx, client_id)
    if application is None:
        raise errors.oauth_invalid_client()
    if application.public:
        if client_secret:
            raise errors.oauth_invalid_client()
        return application
    if not same(hash_secret(client_secret), application.client_secret_hash or ""):
        raise errors.oauth_invalid_client()
    return application


async def require_confidential(ctx: Context, params: ClientCredentials) -> OAuthApplicationRow:
    """Raises: ApiError: 401 also for public clients, whose id is public."""
    application = await authenticate_client(ctx, params)
    if application.public:
        raise errors.oauth_invalid_client()
    return application


def _credentials(ctx: Context, params: ClientCredentials) -> tuple[str, str]:
    header = ctx.request.headers.get("authorization", "")
    if header[:6].lower() != "basic ":
        if not params.client_id:
            raise errors.oauth_invalid_client()
        return params.client_id, params.client_secret or ""
    if params.client_secret:
        raise errors.oauth_invalid_request("Authenticate by the header or by the body, not by both.")
    client_id, client_secret = _basic(header[6:])
    if params.client_id not in (None, "", client_id):
        raise errors.oauth_invalid_request("client_id is not the one in the header.")
    return client_id, client_secret


def _basic(credentials: str) -> tuple[str, str]:
    """Both parts are form-encoded within (RFC 6749 section 2.3.1); those made here look the same so."""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        raise errors.oauth_invalid_client() from None
    client_id, _, client_secret = text.partition(":")
    client_id, client_secret = unquote_plus(client_id), unquote_plus(client_secret)
    if "\0" in client_id:  # which no database would look for
        raise errors.oauth_invalid_client()
    return client_id, client_secret
