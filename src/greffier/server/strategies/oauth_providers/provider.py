"""A provider as data: its endpoints, what is asked of it, and how its description of a user is read.

One file per provider, which ends in `PROVIDER = ...`; other packages offer one by the entry point
`greffier.oauth_providers`. The engine in `strategies/oauth/` does the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

Json = Mapping[str, Any]
ClientAuthentication = Literal["basic", "post", "json_basic"]

SIGNED_BY_KEY = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures that the provider alone can make (RFC 7518 section 3.1, RFC 8037, RFC 9864), by the keys that it
publishes."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A user as a provider describes them.

    Args:
        id: the provider's own, which never changes. Users are found by it and never by an address.
        email_verified: the provider says that it has verified the address. Without it the address is a claim.
            Never true without an address.

    Anything else that is too long or has control characters is left out: a name must not keep a person from
    signing in.

    Raises:
        ValueError: that is the id.
    """

    id: str
    email_address: str | None = None
    email_verified: bool = False
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    image_url: str | None = None

    def __post_init__(self) -> None:
        if not is_storable(self.id, _LONGEST_ID):
            raise ValueError("id")
        for name in ("first_name", "last_name", "username"):
            self._keep(name, is_storable(getattr(self, name), _LONGEST_NAME))
        self._keep("email_address", _is_address(self.email_address))
        self._keep("image_url", _is_url(self.image_url))
        if self.email_address is None:
            msgspec.structs.force_setattr(self, "email_verified", False)

    def _keep(self, name: str, keeps: bool) -> None:
        if not keeps:
            msgspec.structs.force_setattr(self, name, None)


_UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters."""
_LONGEST_ID = 512
"""Characters; indexes of PostgreSQL take no values of several thousand bytes."""
_LONGEST_NAME = 256
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3
_LONGEST_URL = 2048


def is_storable(text: str | None, longest: int) -> bool:
    """Returns whether a text is there, not too long, and without what databases or answers cannot hold.

    Args:
        longest: characters.
    """
    return text is not None and 0 < len(text) <= longest and not _UNSTORABLE.search(text)


def _is_address(text: str | None) -> bool:
    return is_storable(text, _LONGEST_ADDRESS) and text is not None and "@" in text


def _is_url(text: str | None) -> bool:
    return is_storable(text, _LONGEST_URL) and text is not None and text.startswith(("https://", "http://"))


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of a provider that describe a user.

    Args:
        claims: of the verified ID token; empty without one.
        profile: of `profile_url`; empty without one.
        more: of each of `more_urls`, by its URL. A refused one is absent.
        token: of the token endpoint.
        form: what the provider sent to the callback beside the code, such as Apple's `user`.
    """

    claims: Json = {}
    profile: Json = {}
    more: Mapping[str, Any] = {}
    token: Json = {}
    form: Mapping[str, str] = {}


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The instance's registration with a provider.

    Args:
        team_id: with `key_id`, for providers whose secret is a signed token (Apple); `client_secret` is then
            the private key in PEM.
    """

    client_id: str
    client_secret: str | None = None
    team_id: str | None = None
    key_id: str | None = None


class OAuthProvider(msgspec.Struct, frozen=True, kw_only=True):
    """An OAuth 2 or OpenID provider. URLs may be absent where `issuer` has a discovery document (OpenID
    Connect Discovery 1.0) with them.

    Args:
        key: as in the strategy `oauth_<key>`.
        scope_separator: of `scope` in the authorization request.
        client_authentication: at the token endpoint: HTTP Basic, or fields of the form, or Basic with a body
            of JSON.
        client_id_name: of the parameter in both steps.
        authorization_parameters: further ones.
        consent_parameters: those with which the provider gives a refresh token to an application that has had
            one; used where the user connects the account, not at every sign-in.
        form_post: the provider answers by a form (OAuth 2.0 Form Post Response Mode).
        gives_id_token: the token endpoint must answer with an ID token too, which is verified.
        issuer_pattern: a regular expression for `iss`, where it differs from `issuer`.
        profile_body: JSON that is sent with a POST; a POST without a body when it is `{}`.
        profile_by_introspection: `profile_url` is an introspection endpoint (RFC 7662): the access token is
            sent to it as `token` of a form, with the client's credentials, instead of in `Authorization`.
        revocation_url: where tokens are revoked; `{client_id}` in it is replaced.
        revocation_authentication: as `client_authentication`, if it differs there; `bearer`: the access token
            authenticates the request.
        revocation_parameter: of the parameter (RFC 7009 has `token`); without one there is no body. Where it
            is not `token`, access tokens alone are revoked.
        secret: makes the client's secret from the credentials and the time in seconds. Raises: ValueError:
            they do not suffice.
        read: Raises: KeyError, TypeError, ValueError: the answers do not describe a user.
    """

    key: str
    name: str
    read: Callable[[Answers], Profile]
    issuer: str | None = None
    authorization_url: str | None = None
    token_url: str | None = None
    profile_url: str | None = None
    profile_method: Literal["GET", "POST"] = "GET"
    profile_body: Json | None = None
    profile_by_introspection: bool = False
    profile_headers: Mapping[str, str] = {}
    more_urls: tuple[str, ...] = ()
    jwks_url: str | None = None
    revocation_url: str | None = None
    revocation_method: Literal["POST", "DELETE"] = "POST"
    revocation_authentication: ClientAuthentication | Literal["bearer"] | None = None
    revocation_parameter: str = "token"
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    pkce: bool = True
    nonce: bool = True
    gives_id_token: bool = False
    issuer_pattern: str | None = None
    id_token_algorithms: tuple[str, ...] = SIGNED_BY_KEY
    id_token_by_secret: bool = False
    """ID tokens are signed with the client's secret (HS256)."""
    client_authentication: ClientAuthentication = "post"
    client_id_name: str = "client_id"
    authorization_parameters: Mapping[str, str] = {}
    consent_parameters: Mapping[str, str] = {}
    form_post: bool = False
    secret: Callable[[Credentials, int], str] | None = None
    token_headers: Mapping[str, str] = {}
