"""`auth()`, `get_auth(request)` and `current_user()`: the auth object and user of the current request, below
the middleware.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from greffier.sdk.auth_object import AuthObject, CurrentRequest, current
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.steps import run, run_async

#: Where the middleware keeps the `RequestAuth`: in an ASGI scope, a WSGI environ or Django's `request.META`.
SCOPE_KEY = "greffier.auth"


@contextmanager
def auth_context(request: RequestAuth) -> Generator[None]:
    """Set the request that `auth()` reads in all code called within."""
    token = current.set(request)
    try:
        yield
    finally:
        current.reset(token)


def auth() -> AuthObject:
    """The auth object of the current request, anywhere below the middleware and without a request at hand.

    Concurrent requests never see one another's. Signed out, the identifiers are None; it does not raise. It
    raises `ConfigurationError` where no middleware ran.
    """
    return _current("auth()").auth


def get_auth(request: Any) -> AuthObject:
    """The auth object of a request of Starlette, FastAPI, Litestar, Django, Flask or Werkzeug, of an ASGI
    scope or a WSGI environ.

    Raises `ConfigurationError` for a request that no middleware saw.
    """
    return request_auth_of(request).auth


def request_auth_of(request: Any) -> RequestAuth:
    """The `RequestAuth` that the middleware left in a request; `ConfigurationError` when it did not
    see it."""
    for place in (getattr(request, name, None) for name in ("scope", "environ", "META")):
        if isinstance(place, Mapping):
            request = cast("Mapping[str, Any]", place)
            break
    found = cast("Mapping[str, Any]", request).get(SCOPE_KEY) if isinstance(request, Mapping) else None
    if isinstance(found, RequestAuth):
        return found
    raise ConfigurationError(
        "get_auth() was called for a request that AuthMiddleware did not see: add the middleware to the app."
    )


async def current_user() -> dict[str, Any] | None:
    """The signed-in user as the Backend API shows it (operation GetUser), asked for at most once per request.

    None when signed out. Raises `BackendApiError` when the user cannot be had, and `ConfigurationError` where
    no middleware ran or `secret_key` is missing.
    """
    return await run_async(_current("current_user()").user())


def current_user_sync() -> dict[str, Any] | None:
    """`current_user` for synchronous code."""
    return run(_current("current_user_sync()").user())


def _current(caller: str) -> CurrentRequest:
    try:
        return current.get()
    except LookupError:
        raise ConfigurationError(
            f"{caller} was called where AuthMiddleware did not run, such as outside a request."
        ) from None
