"""An account at the stand-in for Stripe, filled, and what applications make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from greffier.subscriptions import Subscriptions
from tests.support.stripe.service import Catalogue, StripeDouble


@pytest.fixture
def catalogue(stripe_double: StripeDouble) -> Catalogue:
    return stripe_double.fill()


@pytest.fixture
def account(stripe_double: StripeDouble) -> Callable[..., Subscriptions]:
    """Subscriptions at the stand-in, with these settings."""

    def made(**settings: Any) -> Subscriptions:
        url, key = stripe_double.url, stripe_double.secret_key
        return Subscriptions(**{"secret_key": key, "api_base": url, "timeout": 10.0, **settings})

    return made


@pytest.fixture
def subscriptions(account: Callable[..., Subscriptions]) -> Subscriptions:
    """Subscriptions that are read from Stripe each time."""
    return account(cache=None)
