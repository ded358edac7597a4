"""The endpoint as a blueprint of Flask.

    app.register_blueprint(subscription_blueprint(find_or_create_customer_id))

`find_or_create_customer_id(request)` is called with Flask's `Request`.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, Unpack

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from greffier.flask import require
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.endpoints.endpoint import METHODS, Endpoint
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.endpoints.wsgi import answer
from greffier.subscriptions.requirement import SubscriptionRequirement

__all__ = ["require_subscription", "subscription_blueprint"]

P = ParamSpec("P")


def subscription_blueprint(
    find_or_create_customer_id: FindCustomer,
    *,
    path: str = DEFAULT_PATH,
    **settings: Unpack[EndpointSettings],
) -> Blueprint:
    """A blueprint with the path and the webhook below it. The settings are those of `EndpointSettings`.

    Raises `ConfigurationError` for settings that cannot work.
    """
    endpoint = Endpoint(find_or_create_customer_id, settings)
    blueprint = Blueprint("greffier_subscription", __name__)

    @blueprint.route(path, methods=METHODS)
    def subscription() -> Response:
        return _answer(endpoint, is_webhook=False)

    @blueprint.route(f"{path}/webhook", methods=METHODS)
    def webhook() -> Response:
        return _answer(endpoint, is_webhook=True)

    _ = subscription, webhook
    return blueprint


def _answer(endpoint: Endpoint, *, is_webhook: bool) -> Response:
    found = answer(endpoint, request.environ, request, is_webhook=is_webhook)
    return Response(found.body, found.status, list(found.headers))


def require_subscription(
    customers: Customers, *, product: str | None = None, feature: str | None = None
) -> Callable[[Callable[P, Any]], Callable[P, ResponseReturnValue]]:
    """A view for customers who have bought a product (by id) or a feature (by name), as Stripe says.

    Signed-out pages are redirected to sign in, other requests get 401. Who has not bought it gets 403, and
    503 while that is not known. Raises ValueError unless exactly one of them is given.
    """
    return require(SubscriptionRequirement(customers, product=product, feature=feature))
