"""The endpoint as routes of Starlette.

    app = Starlette(routes=[*subscription_routes(find_or_create_customer_id), ...])

`find_or_create_customer_id(request)` is called with Starlette's `Request`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Unpack

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from greffier.starlette import require, response_of
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.endpoints.asgi import answer
from greffier.subscriptions.endpoints.endpoint import METHODS, Endpoint
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.requirement import SubscriptionRequirement

__all__ = ["require_subscription", "subscription_routes"]

P = ParamSpec("P")


def subscription_routes(
    find_or_create_customer_id: FindCustomer,
    *,
    path: str = DEFAULT_PATH,
    **settings: Unpack[EndpointSettings],
) -> list[Route]:
    """Routes of the path and of the webhook below it. The settings are those of `EndpointSettings`.

    Raises `ConfigurationError` for settings that cannot work.
    """
    endpoint = Endpoint(find_or_create_customer_id, settings)
    methods = list(METHODS)
    return [
        Route(path, _view(endpoint, is_webhook=False), methods=methods, name="subscription"),
        Route(
            f"{path}/webhook", _view(endpoint, is_webhook=True), methods=methods, name="subscription_webhook"
        ),
    ]


def _view(endpoint: Endpoint, *, is_webhook: bool) -> Callable[[Request], Awaitable[Response]]:
    async def subscription(request: Request) -> Response:
        found = await answer(endpoint, request.scope, request.stream(), request, is_webhook=is_webhook)
        return response_of(found)

    return subscription


def require_subscription(
    customers: Customers, *, product: str | None = None, feature: str | None = None
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """An endpoint for customers who have bought a product (by id) or a feature (by name), as Stripe says.

    Signed-out pages are redirected to sign in, other requests get 401. Who has not bought it gets 403, and
    503 while that is not known. Raises ValueError unless exactly one of them is given.
    """
    return require(SubscriptionRequirement(customers, product=product, feature=feature))
