"""`customer_has_feature`, with the account of the environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greffier.subscriptions import Subscriptions, customer_has_feature, customer_has_feature_async, handler
from tests.support.stripe.service import Catalogue, StripeDouble


@pytest.fixture(autouse=True)
def account_of_the_environment(account: Callable[..., Subscriptions], monkeypatch: pytest.MonkeyPatch):
    """The stand-in's: its key alone would lead to Stripe itself."""
    made = account()
    monkeypatch.setattr(handler, "_of_environment", lambda: made)


async def test_customer_has_the_features_of_the_product_that_they_pay_for(
    stripe_double: StripeDouble, catalogue: Catalogue
):
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    for feature, has_it in (("sso", True), ("audit", False), ("ss", False)):
        assert customer_has_feature(customer, feature) is has_it
        assert await customer_has_feature_async(customer, feature) is has_it


async def test_customer_without_a_subscription_has_no_feature(
    stripe_double: StripeDouble, catalogue: Catalogue
):
    customer = stripe_double.customer()
    assert not customer_has_feature(customer, "export")
    assert not await customer_has_feature_async(customer, "export")
