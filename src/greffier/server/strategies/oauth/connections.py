"""The connections of an instance: providers with the credentials that its settings have for them, or the
development provider, which stands in for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec

from greffier.server.development_provider.registration import CLIENT_ID, is_offered, registration_of
from greffier.server.strategies.oauth_providers import providers
from greffier.server.strategies.oauth_providers.openid import is_true, read_claims, split_name
from greffier.server.strategies.oauth_providers.provider import (
    Answers,
    Credentials,
    Json,
    OAuthProvider,
    Profile,
)
from greffier.server.web.context import Context
from greffier.server.web.instance.feature_settings import ProfileFields, SocialProvider

PREFIX = "oauth_"
CUSTOM = "custom_"
_DISCOVERY = "/.well-known/openid-configuration"


class Connection(msgspec.Struct, frozen=True):
    """A provider that is switched on, and the instance's registration with it."""

    provider: OAuthProvider
    settings: SocialProvider
    credentials: Credentials
    stands_in: bool = False
    """The provider is the development provider, which stands in for that of the settings."""

    @property
    def strategy(self) -> str:
        return PREFIX + self.provider.key

    def registered_as(self, client_id: str | None) -> Connection:
        """Returns this connection with another client id of the instance's, such as that of a native app."""
        if client_id is None or client_id == self.credentials.client_id:
            return self
        credentials = msgspec.structs.replace(self.credentials, client_id=client_id)
        return msgspec.structs.replace(self, credentials=credentials)


def connections(ctx: Context) -> Iterator[Connection]:
    """Yields those that are switched on and can be used, in the order of the settings."""
    for entry in ctx.instance.settings.social:
        if entry.enabled and (found := _connection(ctx, entry)) is not None:
            yield found


def connection_with(ctx: Context, provider: str) -> Connection | None:
    """The instance's registration with a provider, whether or not it is switched on."""
    entry = next((one for one in ctx.instance.settings.social if one.provider == provider), None)
    return entry and _connection(ctx, entry)


def connection_named(ctx: Context, strategy: str) -> Connection | None:
    return next((one for one in connections(ctx) if one.strategy == strategy), None)


def find_connection(ctx: Context, provider: str) -> Connection | None:
    """Args: provider: its key."""
    return connection_named(ctx, PREFIX + provider)


def without_credentials(ctx: Context, strategy: str) -> SocialProvider | None:
    """Returns the entry of a provider that is switched on without credentials, if nothing stands in for
    it."""
    for entry in ctx.instance.settings.social:
        if entry.enabled and PREFIX + entry.provider == strategy:
            lacks = not entry.client_id and provider_of(entry) is not None and not is_offered(ctx)
            return entry if lacks else None
    return None


def _connection(ctx: Context, entry: SocialProvider) -> Connection | None:
    provider = provider_of(entry)
    if provider is None:
        return None
    if not entry.client_id:
        return _stand_in(ctx, provider, entry) if is_offered(ctx) else None
    credentials = Credentials(
        client_id=entry.client_id,
        client_secret=entry.client_secret,
        team_id=entry.team_id,
        key_id=entry.key_id,
    )
    return Connection(provider, entry, credentials)


def _stand_in(ctx: Context, provider: OAuthProvider, entry: SocialProvider) -> Connection:
    """An OpenID provider with its own endpoints, that is asked for the same scopes."""
    registration = registration_of(ctx, provider.key, ctx.public_url)
    stand_in = OAuthProvider(
        key=provider.key,
        name=provider.name,
        issuer=registration.issuer,
        scopes=provider.scopes or ("openid", "profile", "email"),
        gives_id_token=True,
        id_token_by_secret=True,
        read=read_claims,
    )
    credentials = Credentials(client_id=CLIENT_ID, client_secret=registration.client_secret)
    return Connection(stand_in, entry, credentials, stands_in=True)


@lru_cache(maxsize=256)
def provider_of(entry: SocialProvider) -> OAuthProvider | None:
    """Returns the provider of an entry; `None` when no installed package has it."""
    if entry.provider.startswith(CUSTOM):
        return custom_provider(entry)
    return providers().get(entry.provider)


def custom_provider(entry: SocialProvider) -> OAuthProvider:
    """A provider from settings alone. One with a discovery document is an OpenID provider."""
    is_openid = entry.discovery_url is not None
    return OAuthProvider(
        key=entry.provider,
        name=entry.name or entry.provider.removeprefix(CUSTOM),
        issuer=entry.discovery_url.removesuffix(_DISCOVERY) if entry.discovery_url else None,
        authorization_url=entry.authorization_url,
        token_url=entry.token_url,
        profile_url=entry.userinfo_url,
        scopes=("openid", "profile", "email") if is_openid else (),
        pkce=entry.pkce,
        gives_id_token=is_openid,
        read=_reader(entry.profile),
    )


def _reader(fields: ProfileFields) -> Callable[[Answers], Profile]:
    def read(answers: Answers) -> Profile:
        """The userinfo endpoint's answer counts for more than the ID token."""
        sources = [one for one in (answers.profile, answers.claims) if one]
        described = {**answers.claims, **answers.profile}
        first, last = _text_at(described, fields.first_name), _text_at(described, fields.last_name)
        if first is None and last is None:
            first, last = split_name(_text_at(described, "name"))
        if (id := _text_at(described, fields.id)) is None:
            raise ValueError(fields.id)
        address = _text_at(described, fields.email_address)
        return Profile(
            id=id,
            email_address=address,
            # Each vouches for its own address alone.
            email_verified=any(
                is_true(_value_at(one, fields.email_verified))
                for one in sources
                if _text_at(one, fields.email_address) == address
            ),
            first_name=first,
            last_name=last,
            username=_text_at(described, fields.username),
            image_url=_text_at(described, fields.image_url),
        )

    return read


def _value_at(described: Json, path: str) -> Any:
    value: Any = described
    for name in path.split("."):
        value = cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    return value


def _text_at(described: Json, path: str) -> str | None:
    """A text, or a number as text; `None` for anything else."""
    value = _value_at(described, path)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number or (isinstance(value, str) and value) else None
