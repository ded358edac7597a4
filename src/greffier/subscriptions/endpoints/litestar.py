"""The endpoint as route handlers of Litestar.

    app = Litestar([*subscription_handlers(find_or_create_customer_id), ...])

`find_or_create_customer_id(request)` is called with Litestar's `Request`.
"""

from typing import Any, Unpack

from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from greffier.litestar import AnswerResponse, RouteGuard, require
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.endpoints.asgi import answer
from greffier.subscriptions.endpoints.endpoint import METHODS, Endpoint
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.requirement import SubscriptionRequirement

__all__ = ["require_subscription", "subscription_handlers"]


def subscription_handlers(
    find_or_create_customer_id: FindCustomer,
    *,
    path: str = DEFAULT_PATH,
    **settings: Unpack[EndpointSettings],
) -> list[HTTPRouteHandler]:
    """Route handlers of the path and of the webhook below it. The settings are those of `EndpointSettings`.

    Raises `ConfigurationError` for settings that cannot work.
    """
    endpoint = Endpoint(find_or_create_customer_id, settings)
    return [
        _handler(endpoint, path, is_webhook=False),
        _handler(endpoint, f"{path}/webhook", is_webhook=True),
    ]


def _handler(endpoint: Endpoint, path: str, *, is_webhook: bool) -> HTTPRouteHandler:
    @route(path, http_method=[HttpMethod(method) for method in METHODS], include_in_schema=False)
    async def subscription(request: Request[Any, Any, Any]) -> AnswerResponse:
        found = await answer(endpoint, request.scope, request.stream(), request, is_webhook=is_webhook)
        return AnswerResponse(found)

    return subscription


def require_subscription(
    customers: Customers, *, product: str | None = None, feature: str | None = None
) -> RouteGuard:
    """A guard for customers who have bought a product (by id) or a feature (by name), as Stripe says.

    Signed-out pages are redirected to sign in, other requests get 401. Who has not bought it gets 403, and
    503 while that is not known. Raises ValueError unless exactly one of them is given.
    """
    return require(SubscriptionRequirement(customers, product=product, feature=feature))
