"""Settings of an endpoint, in addition to those of `Subscriptions`."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.urls import origin_of
from greffier.subscriptions.handler import Subscriptions
from greffier.subscriptions.options import SubscriptionSettings

DEFAULT_PATH = "/api/subscription"
WEBHOOK_SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - a name

FindCustomer = Callable[[Any], Any]
"""Returns Stripe's customer id, or a `Customer`, for a request of the framework, None when signed out; may be
asynchronous."""


class EndpointSettings(SubscriptionSettings, total=False):
    """Settings of every endpoint.

    - `subscriptions`: made elsewhere; its settings are then not given here.
    - `allowed_origins`: of front ends on other origins than the application's own, which may send customers
      to Stripe's pages and back to themselves.
    - `webhook_secret`: of Stripe's webhook endpoint, by default `STRIPE_WEBHOOK_SECRET`; without one there is
      no webhook.
    - `trust_forwarded_headers`: whether a reverse proxy in front sets X-Forwarded-Host and -Proto.
    """

    subscriptions: Subscriptions
    allowed_origins: Sequence[str]
    webhook_secret: str | None
    trust_forwarded_headers: bool


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """The settings, checked; `EndpointSettings` tells what they are."""

    subscriptions: Subscriptions
    allowed_origins: frozenset[str]
    webhook_secret: str | None
    trust_forwarded: bool

    @classmethod
    def of(cls, settings: EndpointSettings) -> "EndpointOptions":
        """Raises `ConfigurationError` for settings that cannot work."""
        own = EndpointSettings.__annotations__.keys() - SubscriptionSettings.__annotations__.keys()
        rest = {name: value for name, value in settings.items() if name not in own}
        shared = settings.get("subscriptions")
        if shared is not None and rest:
            raise ConfigurationError("Give subscriptions, or the settings to make them, not both.")
        origins = settings.get("allowed_origins", ())
        if isinstance(origins, str) or any(origin_of(one) != one for one in origins):
            raise ConfigurationError("allowed_origins holds origins such as https://app.example.com.")
        secret = settings.get("webhook_secret") or os.environ.get(WEBHOOK_SECRET_VARIABLE) or None
        if secret is not None and not secret.startswith("whsec_"):
            raise ConfigurationError(
                f"The secret of Stripe's webhook begins with whsec_: {WEBHOOK_SECRET_VARIABLE}."
            )
        return cls(
            shared or Subscriptions(**cast("SubscriptionSettings", rest)),
            frozenset(origins),
            secret,
            settings.get("trust_forwarded_headers", True),
        )
