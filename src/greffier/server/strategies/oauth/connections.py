"""The connections of an instance: providers with the credentials that its settings have for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec

from greffier.server.strategies.oauth_providers import providers
from greffier.server.strategies.oauth_providers.openid import is_true, split_name
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

    @property
    def strategy(self) -> str:
        return PREFIX + self.provider.key


def connections(ctx: Context) -> Iterator[Connection]:
    """Yields those that are switched on, in the order of the settings."""
    for entry in ctx.instance.settings.social:
        if entry.enabled and (found := _connection(entry)) is not None:
            yield found


def connection_named(ctx: Context, strategy: str) -> Connection | None:
    return next((one for one in connections(ctx) if one.strategy == strategy), None)


@lru_cache(maxsize=256)
def _connection(entry: SocialProvider) -> Connection | None:
    provider = (
        custom_provider(entry) if entry.provider.startswith(CUSTOM) else providers().get(entry.provider)
    )
    if provider is None or entry.client_id is None:
        return None
    credentials = Credentials(
        client_id=entry.client_id,
        client_secret=entry.client_secret,
        team_id=entry.team_id,
        key_id=entry.key_id,
    )
    return Connection(provider, entry, credentials)


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
