"""The Backend API's official client for Python, configured. Greffier has none of its own."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.keys import secret_key_instance_type
from greffier.sdk.options import ENVIRONMENT

if TYPE_CHECKING:
    from clerk_backend_api import Clerk


def backend(secret_key: str | None = None, api_url: str | None = None, **settings: Any) -> "Clerk":
    """A `clerk_backend_api.Clerk` for the Backend API at `api_url`. It is a context manager, and has an
    `..._async` twin of every operation.

    What is not given comes from `GREFFIER_SECRET_KEY` and `GREFFIER_API_URL`, or else `GREFFIER_PROXY_URL`;
    `settings` go to `Clerk` as they are.

    Raises `ConfigurationError` when a setting is missing, or the package (`pip install greffier[backend]`).
    """
    secret_key, api_url = backend_address(secret_key, api_url)
    try:
        package: Any = import_module("clerk_backend_api")
    except ImportError:
        raise ConfigurationError(
            "The official client is not installed: pip install 'greffier[backend]'."
        ) from None
    base = api_url.rstrip("/").removesuffix("/v1")
    return package.Clerk(bearer_auth=secret_key, server_url=f"{base}/v1", **settings)


def backend_address(secret_key: str | None, api_url: str | None) -> tuple[str, str]:
    """The secret key and the URL of the Backend API, from the environment where they are not given.

    Raises `ConfigurationError` when one is missing.
    """
    secret_key = secret_key or os.environ.get(ENVIRONMENT["secret_key"])
    api_url = api_url or os.environ.get(ENVIRONMENT["api_url"]) or os.environ.get(ENVIRONMENT["proxy_url"])
    if not secret_key or not api_url or "://" not in api_url:
        raise ConfigurationError(
            "Give secret_key and the absolute api_url, or set GREFFIER_SECRET_KEY and GREFFIER_API_URL."
        )
    secret_key_instance_type(secret_key)  # tells what was put in its place
    return secret_key, api_url
