"""The providers of social sign-in, one file each; other packages offer more by the entry point
`greffier.oauth_providers`. `provider.py` says what such a file may hold."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from greffier.server.strategies.oauth_providers.provider import OAuthProvider


@lru_cache(maxsize=1)
def providers() -> dict[str, OAuthProvider]:
    """Returns every provider by its key."""
    found: list[OAuthProvider] = []
    for module in pkgutil.iter_modules(__path__):
        provider = getattr(import_module(f"{__name__}.{module.name}"), "PROVIDER", None)
        if provider is not None:
            found.append(provider)
    found += [entry.load() for entry in entry_points(group="greffier.oauth_providers")]
    return {provider.key: provider for provider in sorted(found, key=lambda provider: provider.key)}
