"""Stripe for the front end: the state of a customer's subscription, and redirects to Stripe's own pages.

    from greffier.subscriptions import Subscriptions

    subscriptions = Subscriptions()  # STRIPE_SECRET_KEY
    reply = subscriptions.handle(customer_id, query, body)

The answers are those of the npm package `use-stripe-subscription`. `endpoints/` has a ready-made
`/api/subscription` for every framework. Needs the extra `greffier[subscriptions]`.
"""

from greffier.subscriptions.actions import Reply
from greffier.subscriptions.errors import CustomerMissing, StripeRefused, StripeUnavailable, SubscriptionError
from greffier.subscriptions.handler import (
    Subscriptions,
    customer_has_feature,
    customer_has_feature_async,
    subscription_handler,
    subscription_handler_async,
)
from greffier.subscriptions.options import Entitlements, SubscriptionSettings
from greffier.subscriptions.state import State

__all__ = [
    "CustomerMissing",
    "Entitlements",
    "Reply",
    "State",
    "StripeRefused",
    "StripeUnavailable",
    "SubscriptionError",
    "SubscriptionSettings",
    "Subscriptions",
    "customer_has_feature",
    "customer_has_feature_async",
    "subscription_handler",
    "subscription_handler_async",
]
