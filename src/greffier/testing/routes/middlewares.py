"""The rules of an app's middleware, from its instance or from the arguments for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from greffier.sdk.options import ENVIRONMENT, AuthOptions
from greffier.sdk.protection.gate import Gate
from greffier.sdk.protection.guard import Guard
from greffier.testing.routes.endpoints import Layer

#: Which routes are open does not depend on the keys: any well-formed one will do.
_SOME_KEY = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
_ABOUT_URLS = ("publishable_key", "domain", "is_satellite", "sign_in_url", "proxy_url")
_ABOUT_ROUTES = ("public_routes", "ignored_routes", "matcher", "include", "exclude")


def layer_from(arguments: Mapping[str, Any], mounted_at: str = "") -> Layer:
    """The rules of a middleware with these arguments.

    Raises:
        ConfigurationError: for settings that are wrong.
    """
    given: dict[str, Any] = {
        name: arguments.get(name) or os.environ.get(ENVIRONMENT.get(name, "")) for name in _ABOUT_URLS
    }
    given["publishable_key"] = given["publishable_key"] or _SOME_KEY
    options = AuthOptions(**{name: value for name, value in given.items() if value})
    routes = {name: arguments[name] for name in _ABOUT_ROUTES if name in arguments}
    return Layer(Gate(options, **routes), bool(arguments.get("lazy")), mounted_at)


def layer_of(middleware: object, mounted_at: str = "") -> Layer | None:
    """The rules of a middleware's instance; None for other objects."""
    guard = getattr(middleware, "guard", None)
    return Layer(guard.gate, guard.lazy, mounted_at) if isinstance(guard, Guard) else None


def is_middleware(kind: object) -> bool:
    """Whether a class is one of this package's middlewares, or made from one."""
    return isinstance(kind, type) and any(
        base.__name__ == "AuthMiddleware" and base.__module__.partition(".")[0] == "greffier"
        for base in kind.__mro__
    )
