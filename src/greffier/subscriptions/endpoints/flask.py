"""The endpoint as a blueprint of Flask.

    app.register_blueprint(subscription_blueprint(find_or_create_customer_id))

`find_or_create_customer_id(request)` is called with Flask's `Request`.
"""

from typing import Unpack

from flask import Blueprint, Response, request

from greffier.subscriptions.endpoints.endpoint import METHODS, Endpoint
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.endpoints.wsgi import answer

__all__ = ["subscription_blueprint"]


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
