"""`verify_token`: checking one session token where there is no request, such as in a worker."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from greffier.sdk.backend_api import BackendApi
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.transport import HttpRequest, default_transport
from greffier.sdk.steps import run, run_async
from greffier.sdk.tokens.jwks import JwksKeys
from greffier.sdk.tokens.jwt import (
    CLOCK_SKEW_SECONDS,
    KeySource,
    PemKey,
    TokenRules,
    TokenVerifier,
)
from greffier.sdk.tokens.lifetimes import MAX_LIFETIME_SECONDS, warn_of_long_lifetime


class VerifySettings(TypedDict, total=False):
    """Settings of `verify_token`. Give one of `jwt_key`, `jwks_url`, or `secret_key` with `api_url`."""

    jwt_key: str | None
    jwks_url: str | None
    secret_key: str | None
    api_url: str | None
    authorized_parties: Sequence[str] | None
    audience: str | Sequence[str] | None
    issuers: str | Sequence[str] | None
    clock_skew: float
    max_lifetime: float | None


def verify_token(token: str, **settings: Unpack[VerifySettings]) -> dict[str, Any]:
    """The claims of a session token that passes every check; else `TokenVerificationError`.

    With `jwt_key`, the instance's public key as PEM text, no network is used. A key set is fetched once and
    kept for five minutes. `clock_skew` and `max_lifetime` are in seconds; by default a token that lives
    longer than five minutes is refused, and None accepts any lifetime, with a warning in the log.
    """
    verifier = _verifier(settings)
    return run(verifier.verify(verifier.decode(token)))


async def verify_token_async(token: str, **settings: Unpack[VerifySettings]) -> dict[str, Any]:
    """`verify_token` for asynchronous code."""
    verifier = _verifier(settings)
    return await run_async(verifier.verify(verifier.decode(token)))


def _verifier(settings: VerifySettings) -> TokenVerifier:
    """The verifier of these settings, which remembers the tokens that it has seen."""
    rules = TokenRules(
        authorized_parties=_names(settings.get("authorized_parties")),
        audience=_names(settings.get("audience")),
        issuers=_names(settings.get("issuers")),
        clock_skew=settings.get("clock_skew", CLOCK_SKEW_SECONDS),
        max_lifetime=settings.get("max_lifetime", MAX_LIFETIME_SECONDS),
    )
    return _verifier_of(
        settings.get("jwt_key"),
        settings.get("jwks_url"),
        settings.get("secret_key"),
        settings.get("api_url"),
        rules,
    )


def _names(value: str | Sequence[str] | None) -> frozenset[str] | None:
    if not value:
        return None
    return frozenset({value} if isinstance(value, str) else value)


@lru_cache(maxsize=32)
def _verifier_of(
    jwt_key: str | None, jwks_url: str | None, secret_key: str | None, api_url: str | None, rules: TokenRules
) -> TokenVerifier:
    warn_of_long_lifetime(rules.max_lifetime)
    return TokenVerifier(_keys(jwt_key, jwks_url, secret_key, api_url), rules)


def _keys(
    jwt_key: str | None, jwks_url: str | None, secret_key: str | None, api_url: str | None
) -> KeySource:
    if jwt_key:
        return PemKey(jwt_key)
    if jwks_url:
        return _key_set(jwks_url, None)
    if secret_key and api_url:
        return _key_set(api_url, secret_key)
    raise ConfigurationError("Give jwt_key, or jwks_url, or secret_key with api_url, to verify tokens.")


@lru_cache(maxsize=32)
def _key_set(url: str, secret: str | None) -> JwksKeys:
    transport = default_transport()
    if secret is None:
        return JwksKeys(HttpRequest("GET", url), transport)
    api = BackendApi(api_url=url, secret_key=secret, transport=transport)
    return JwksKeys(api.jwks_request(), transport)
