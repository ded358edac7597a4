"""Settings of the calls to Stripe and of their cache."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.steps import Steps

SECRET_KEY_VARIABLE = "STRIPE_SECRET_KEY"  # noqa: S105 - a name

_PREFIXES = ("sk_", "rk_")


@dataclass(frozen=True, slots=True)
class Entitlements:
    """The things to which a customer's subscription gives access.

    Args:
        products: ids of the products.
        features: names in the metadata key `features` of the products, which are separated by commas.
        plan: of the first product: its metadata key `plan`, else its name as a slug. None without a product.
        is_stale: Stripe is not available, and this is what it said before.
    """

    products: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    is_stale: bool = False
    plan: str | None = None


OnRead = Callable[[str, Entitlements], Steps[None]]


class SubscriptionSettings(TypedDict, total=False):
    """Settings of `Subscriptions` and of every endpoint. All times are in seconds.

    - `secret_key`: Stripe's, by default `STRIPE_SECRET_KEY`.
    - `cache`: "memory" (default), the URL of a Redis that several processes share, or None to read from
      Stripe each time. Reads of one customer at the same time are always one.
    - `subscription_seconds`: how long a subscription is taken as read; 1 s at most while the customer is on
      Stripe's pages. `products_seconds`: the same for products and prices, which all customers share.
    - `last_good_seconds`: how long the last answer is given, marked as stale, while Stripe is not available.
    - `reads_per_second`: reads above wait for their turn. Stripe allows 100 to live keys.
    - `timeout`: of each try of a request. Only reads are tried again, once.
    - `checkout`: further parameters of Checkout Sessions, such as `{"allow_promotion_codes": True}`.
    - `on_read`: called with a customer's id and entitlements, as steps, when they were read from Stripe.
    - `api_base`: of Stripe's API, for tests.
    """

    secret_key: str | None
    cache: str | None
    subscription_seconds: float
    products_seconds: float
    last_good_seconds: float
    reads_per_second: float
    timeout: float
    checkout: Mapping[str, Any]
    on_read: "OnRead | None"
    api_base: str | None


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """The settings, checked; `SubscriptionSettings` tells what they are."""

    secret_key: str = field(repr=False)
    cache: str | None = "memory"
    subscription_seconds: float = 5.0
    products_seconds: float = 60.0
    last_good_seconds: float = 3600.0
    reads_per_second: float = 70.0
    timeout: float = 5.0
    checkout: Mapping[str, Any] = field(default_factory=dict[str, Any])
    on_read: "OnRead | None" = None
    api_base: str | None = None

    @classmethod
    def of(cls, settings: SubscriptionSettings) -> "SubscriptionOptions":
        """Raises `ConfigurationError` for settings that cannot work."""
        given = {name: value for name, value in settings.items() if name != "secret_key"}
        key = settings.get("secret_key") or os.environ.get(SECRET_KEY_VARIABLE, "")
        if not key.startswith(_PREFIXES):
            raise ConfigurationError(
                f"Stripe's secret key (sk_... or rk_...) is missing: set {SECRET_KEY_VARIABLE} or secret_key."
            )
        options = cls(key, **cast("dict[str, Any]", given))
        for name in ("reads_per_second", "timeout"):
            if getattr(options, name) <= 0:
                raise ConfigurationError(f"{name} must be above 0.")
        return options

    @property
    def keeps(self) -> bool:
        """Whether answers are kept at all."""
        return self.cache is not None
