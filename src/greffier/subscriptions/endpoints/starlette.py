"""The endpoint as routes of Starlette.

    app = Starlette(routes=[*subscription_routes(find_or_create_customer_id), ...])

`find_or_create_customer_id(request)` is called with Starlette's `Request`.
"""

from collections.abc import Awaitable, Callable
from typing import Unpack

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from greffier.starlette import response_of
from greffier.subscriptions.endpoints.asgi import answer
from greffier.subscriptions.endpoints.endpoint import METHODS, Endpoint
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer

__all__ = ["subscription_routes"]


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
