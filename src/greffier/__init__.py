"""Greffier: self-hosted identity, compatible with the published protocol of Clerk's SDKs.

The names here are the light SDK, for apps. Each is loaded on first use, so `import greffier` costs nothing;
`greffier.asgi` and `greffier.fastapi` hold what belongs to a web framework, `greffier.server` the server.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greffier.sdk.auth_object import AuthObject
    from greffier.sdk.authentication.authenticate import Authenticator
    from greffier.sdk.authentication.request_state import RequestState
    from greffier.sdk.authorization import Reverification
    from greffier.sdk.context.passing import set_context, with_context
    from greffier.sdk.context.reading import get_context
    from greffier.sdk.errors import (
        BackendApiError,
        BackendApiRefused,
        ConfigurationError,
        ContextSpoofed,
        GreffierError,
        InvalidKey,
        TokenVerificationError,
        WebhookVerificationError,
    )
    from greffier.sdk.http.auth_request import AuthRequest
    from greffier.sdk.http.organization_sync import OrganizationSync
    from greffier.sdk.official import backend
    from greffier.sdk.options import AuthOptions
    from greffier.sdk.protection.current import auth, current_user, current_user_sync, get_auth
    from greffier.sdk.tokens.verification import verify_token, verify_token_async
    from greffier.sdk.webhooks import verify_webhook

__all__ = [
    "AuthObject",
    "AuthOptions",
    "AuthRequest",
    "Authenticator",
    "BackendApiError",
    "BackendApiRefused",
    "ConfigurationError",
    "ContextSpoofed",
    "GreffierError",
    "InvalidKey",
    "OrganizationSync",
    "RequestState",
    "Reverification",
    "TokenVerificationError",
    "WebhookVerificationError",
    "auth",
    "backend",
    "current_user",
    "current_user_sync",
    "get_auth",
    "get_context",
    "set_context",
    "verify_token",
    "verify_token_async",
    "verify_webhook",
    "with_context",
]

_MODULES = {
    "AuthObject": "auth_object",
    "AuthOptions": "options",
    "AuthRequest": "http.auth_request",
    "Authenticator": "authentication.authenticate",
    "BackendApiError": "errors",
    "BackendApiRefused": "errors",
    "ConfigurationError": "errors",
    "ContextSpoofed": "errors",
    "GreffierError": "errors",
    "InvalidKey": "errors",
    "OrganizationSync": "http.organization_sync",
    "RequestState": "authentication.request_state",
    "Reverification": "authorization",
    "TokenVerificationError": "errors",
    "WebhookVerificationError": "errors",
    "backend": "official",
    "auth": "protection.current",
    "current_user": "protection.current",
    "current_user_sync": "protection.current",
    "get_auth": "protection.current",
    "get_context": "context.reading",
    "set_context": "context.passing",
    "verify_token": "tokens.verification",
    "verify_token_async": "tokens.verification",
    "verify_webhook": "webhooks",
    "with_context": "context.passing",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'greffier' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"greffier.sdk.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
