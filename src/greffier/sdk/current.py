"""`auth()` and `get_auth(request)`: what the middleware found out about this request."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, cast

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError

#: Where the middleware keeps the auth object in an ASGI scope.
SCOPE_KEY = "greffier.auth"

current_auth: ContextVar[AuthObject] = ContextVar("greffier.auth")


def auth() -> AuthObject:
    """Who is asking, anywhere below the middleware and without a request at hand.

    Concurrent requests never see one another's. Signed out, the identifiers are None; it does not raise. It
    raises `ConfigurationError` where no middleware ran.
    """
    try:
        return current_auth.get()
    except LookupError:
        raise ConfigurationError(
            "auth() was called where AuthMiddleware did not run: outside a request, or on an ignored route."
        ) from None


def get_auth(request: Any) -> AuthObject:
    """Who is asking, from a Starlette, FastAPI or Litestar request or connection, or an ASGI scope."""
    scope: Any = getattr(request, "scope", request)
    found = cast("Mapping[str, Any]", scope).get(SCOPE_KEY) if isinstance(scope, Mapping) else None
    if isinstance(found, AuthObject):
        return found
    raise ConfigurationError(
        "get_auth() was called for a request that AuthMiddleware did not see: add the middleware to the app,"
        " and do not list the route in ignored_routes."
    )
