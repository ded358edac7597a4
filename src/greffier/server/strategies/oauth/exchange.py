"""Exchanges an authorization code for tokens, and those for a description of the user."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec

from greffier.server.strategies.oauth.authorization import redirect_uri
from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import Endpoints
from greffier.server.strategies.oauth.fetching import Refused, fetch
from greffier.server.strategies.oauth.id_tokens import verified_claims
from greffier.server.strategies.oauth_providers.openid import text
from greffier.server.strategies.oauth_providers.provider import Answers, ClientAuthentication, Json, Profile
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens
from greffier.server.web.context import Context

_FORM = "application/x-www-form-urlencoded"
_LONGEST_LIFETIME = 100 * 365 * 24 * 3600
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,256}")  # RFC 6749 section 3.3


class GrantEnded(Refused):
    """The provider does not take the code or refresh token, and never will."""


class RedirectUriRefused(Refused):
    """The registration at the provider lacks this server's address."""


_KINDS: Mapping[str, type[Refused]] = {"redirect_uri_mismatch": RedirectUriRefused} | dict.fromkeys(
    ("invalid_grant", "bad_refresh_token", "invalid_refresh_token"), GrantEnded
)
"""RFC 6749 section 5.2; GitHub, Google and Slack have words of their own."""


async def exchange_code(
    ctx: Context,
    connection: Connection,
    endpoints: Endpoints,
    code: str,
    *,
    code_verifier: str | None = None,
    redirected: bool = True,
) -> Json:
    """The token endpoint's answer (RFC 6749 section 4.1.3).

    Args:
        redirected: the registration has the address of the callback. Those of native apps have none.

    Raises:
        RedirectUriRefused: the registration does not have the address of the callback.
        Refused: the provider does not take the code.
    """
    parameters = {
        "grant_type": "authorization_code",
        "code": code,
        **({"redirect_uri": redirect_uri(ctx)} if redirected else {}),
        **({"code_verifier": code_verifier} if code_verifier else {}),
    }
    return await _ask_for_tokens(ctx, connection, endpoints, parameters)


async def refresh(ctx: Context, connection: Connection, endpoints: Endpoints, refresh_token: str) -> Json:
    """The token endpoint's answer (RFC 6749 section 6).

    Raises:
        GrantEnded: the refresh token is good for nothing any more.
        Refused: the provider gives no new token.
    """
    parameters = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await _ask_for_tokens(ctx, connection, endpoints, parameters)


async def _ask_for_tokens(
    ctx: Context, connection: Connection, endpoints: Endpoints, parameters: dict[str, str]
) -> Json:
    body, headers = authenticated(ctx, connection, parameters, endpoints.client_authentication)
    status, answer = await fetch(ctx, connection, "POST", endpoints.token_url, body, headers)
    found = _object(answer)
    if status >= 400 or "error" in found or not isinstance(found.get("access_token"), str):
        # Only the code of the error: descriptions repeat what was sent.
        problem = found.get("error")
        kind = _KINDS.get(problem, Refused) if isinstance(problem, str) else Refused
        raise kind(f"the token endpoint answered {status} {problem if isinstance(problem, str) else ''}")
    return found


def authenticated(
    ctx: Context, connection: Connection, parameters: dict[str, str], by: ClientAuthentication | None = None
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a request that is authenticated as the instance's.

    Args:
        by: as the provider's `client_authentication`, if it is not that.

    Raises:
        Refused: the credentials do not suffice.
    """
    provider, credentials = connection.provider, connection.credentials
    by = by or provider.client_authentication
    secret = _secret(ctx, connection)
    headers = dict(provider.token_headers)
    as_json = by == "json_basic"
    if by == "post":
        parameters = parameters | {provider.client_id_name: credentials.client_id, "client_secret": secret}
    else:
        basic = b64encode(
            f"{quote(credentials.client_id, safe='')}:{quote(secret, safe='')}".encode()
        ).decode()
        headers["authorization"] = f"Basic {basic}"
    headers["content-type"] = "application/json" if as_json else _FORM
    given = {name: value for name, value in parameters.items() if value}
    return msgspec.json.encode(given) if as_json else urlencode(given).encode(), headers


def _secret(ctx: Context, connection: Connection) -> str:
    if connection.provider.secret is None:
        return connection.credentials.client_secret or ""
    try:
        return connection.provider.secret(connection.credentials, ctx.now // 1000)
    except ValueError:
        raise Refused("the client's secret cannot be made from the credentials") from None


def tokens_in(connection: Connection, answer: Json, *, now: int, asked: Iterable[str]) -> Tokens:
    """The tokens in an answer of the token endpoint; of ID tokens those that are verified.

    Args:
        now: milliseconds since the epoch.
        asked: the scopes that were asked for, which an answer without scopes grants (RFC 6749 section 5.1).
    """
    lifetime, scope = answer.get("expires_in"), answer.get("scope")
    granted: list[Any] = (
        cast(list[Any], scope)
        if isinstance(scope, list)
        else scope.replace(",", " ").split()
        if isinstance(scope, str)
        else []
    )
    return Tokens(
        access_token=answer["access_token"],
        refresh_token=text(answer, "refresh_token"),
        id_token=text(answer, "id_token") if connection.provider.gives_id_token else None,
        expire_at=now + _seconds(lifetime) * 1000 if _seconds(lifetime) else None,
        scopes=tuple(one for one in granted or asked if isinstance(one, str) and _SCOPE.fullmatch(one)),
    )


def _seconds(lifetime: object) -> int:
    """A lifetime as providers write it, some as text; 0 for one that means nothing."""
    try:
        seconds = int(lifetime) if isinstance(lifetime, int | float | str) and lifetime is not True else 0
    except (ValueError, OverflowError):
        return 0
    return min(max(seconds, 0), _LONGEST_LIFETIME)


async def profile_of(
    ctx: Context,
    connection: Connection,
    endpoints: Endpoints,
    answer: Json,
    *,
    nonce: str | None,
    form: Mapping[str, str],
) -> Profile:
    """The user as the provider describes them.

    Args:
        answer: of the token endpoint.
        form: what the provider sent to the callback beside the code.

    Raises:
        Refused: an ID token or the description is not as it should be.
    """
    provider, access_token = connection.provider, answer["access_token"]
    claims: dict[str, Any] = {}
    if provider.gives_id_token:
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise Refused("the token endpoint gave no ID token")
        claims = await verified_claims(ctx, connection, endpoints, id_token, nonce=nonce)
    profile: Json = {}
    if endpoints.profile_url is not None:
        profile = await _profile(ctx, connection, endpoints.profile_url, access_token)
        if "sub" in claims and profile.get("sub", claims["sub"]) != claims["sub"]:
            raise Refused("the userinfo endpoint describes another user")  # Core 1.0 section 5.3.2
    answers = Answers(
        claims=claims,
        profile=profile,
        more={url: await _more(ctx, connection, url, access_token) for url in provider.more_urls},
        token=answer,
        form=form,
    )
    try:
        return provider.read(answers)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"no user is described ({type(error).__name__} {error})") from None


async def _profile(ctx: Context, connection: Connection, url: str, access_token: str) -> Json:
    provider = connection.provider
    if provider.profile_by_introspection:
        body, headers = authenticated(ctx, connection, {"token": access_token})
        status, answer = await fetch(ctx, connection, "POST", url, body, headers)
    else:
        body, headers = None, {**provider.profile_headers, "authorization": f"Bearer {access_token}"}
        if provider.profile_body:
            body = msgspec.json.encode(provider.profile_body)
            headers["content-type"] = "application/json"
        status, answer = await fetch(ctx, connection, provider.profile_method, url, body, headers)
    if status != 200:
        raise Refused(f"the profile endpoint answered {status}")
    return _object(answer)


async def _more(ctx: Context, connection: Connection, url: str, access_token: str) -> Any:
    headers = {**connection.provider.profile_headers, "authorization": f"Bearer {access_token}"}
    try:
        status, answer = await fetch(ctx, connection, "GET", url, None, headers)
    except Refused:
        return None
    return answer if status == 200 else None


def _object(answer: Any) -> Json:
    if not isinstance(answer, dict):
        raise Refused("the answer is no object")
    return cast(dict[str, Any], answer)
