"""Requests as browsers and scripts send them, and authenticating them at the time `NOW`."""

from collections.abc import Mapping
from typing import Any

from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.options import AuthOptions
from tests.sdk.instances import NOW, Instance, development, production
from tests.sdk.recorded_backend import RecordedBackend

PRODUCTION = production()
DEVELOPMENT = development()


def authenticator(
    instance: Instance = PRODUCTION, *, backend: RecordedBackend | None = None, **settings: Any
) -> Authenticator:
    """An authenticator that verifies with the instance's public key unless told otherwise."""
    settings = {"jwt_key": instance.pem, **settings}
    if backend is not None:
        settings |= {"secret_key": instance.secret_key, "api_url": "https://api.example"}
    options = AuthOptions(publishable_key=instance.publishable_key, **settings)
    return Authenticator(options, transport=backend, clock=lambda: NOW)


def authenticate(
    request: AuthRequest,
    instance: Instance = PRODUCTION,
    *,
    backend: RecordedBackend | None = None,
    **settings: Any,
) -> RequestState:
    """The state of a request at the time `NOW`."""
    return authenticator(instance, backend=backend, **settings).authenticate(request)


def cookies(**values: str) -> str:
    """A Cookie header."""
    return "; ".join(f"{name}={value}" for name, value in values.items())


def bearer(token: str) -> AuthRequest:
    """A request by a script with a token in its header."""
    return fetch(authorization=f"Bearer {token}")


def page(url: str = "https://example.com/path", *, method: str = "GET", **headers: str) -> AuthRequest:
    """A page being opened in a browser; header names with underscores."""
    sent = {"sec-fetch-dest": "document", "accept": "text/html", **_named(headers)}
    return AuthRequest.from_url(method, url, sent.items())


def fetch(url: str = "https://example.com/path", *, method: str = "GET", **headers: str) -> AuthRequest:
    """A request by a script."""
    return AuthRequest.from_url(method, url, _named(headers).items())


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
