"""The endpoint as a router of FastAPI.

    app.include_router(subscription_router(find_or_create_customer_id))

`find_or_create_customer_id(request)` is called with the `Request`.
"""

from collections.abc import Callable
from typing import Unpack

from fastapi import APIRouter

from greffier.fastapi import require
from greffier.sdk.auth_object import AuthObject
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.endpoints.starlette import subscription_routes
from greffier.subscriptions.requirement import SubscriptionRequirement

__all__ = ["require_subscription", "subscription_router"]


def subscription_router(
    find_or_create_customer_id: FindCustomer,
    *,
    path: str = DEFAULT_PATH,
    **settings: Unpack[EndpointSettings],
) -> APIRouter:
    """A router with the path and the webhook below it. The settings are those of `EndpointSettings`.

    Raises `ConfigurationError` for settings that cannot work.
    """
    # Routes of Starlette: they check their input themselves, and are not part of the OpenAPI document.
    return APIRouter(routes=[*subscription_routes(find_or_create_customer_id, path=path, **settings)])


def require_subscription(
    customers: Customers, *, product: str | None = None, feature: str | None = None
) -> Callable[..., AuthObject]:
    """A dependency for customers who have bought a product (by id) or a feature (by name), as Stripe says.

    Signed-out pages are redirected to sign in, other requests get 401. Who has not bought it gets 403, and
    503 while that is not known. Raises ValueError unless exactly one of them is given.
    """
    return require(SubscriptionRequirement(customers, product=product, feature=feature))
