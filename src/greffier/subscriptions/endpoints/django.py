"""The endpoint as URLs of Django.

    urlpatterns = [*subscription_urls(find_or_create_customer_id), ...]

`find_or_create_customer_id(request)` is called with Django's `HttpRequest`. If it is asynchronous, so are the
views.
"""

from collections.abc import Callable
from typing import Any, Unpack

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.urls import path as url
from django.views.decorators.csrf import csrf_exempt

from greffier.django.asynchronous import is_asynchronous
from greffier.django.decorators import View, require
from greffier.django.responses import response_of
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.sdk.steps import Steps, run
from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.endpoints.endpoint import MAX_BODY_BYTES, MAX_WEBHOOK_BYTES, Endpoint, Incoming
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.handler import closing
from greffier.subscriptions.requirement import SubscriptionRequirement

__all__ = ["require_subscription", "subscription_urls"]


def subscription_urls(
    find_or_create_customer_id: FindCustomer,
    *,
    path: str = DEFAULT_PATH,
    **settings: Unpack[EndpointSettings],
) -> list[URLPattern]:
    """Patterns of the path and of the webhook below it. The settings are those of `EndpointSettings`.

    Raises `ConfigurationError` for settings that cannot work.
    """
    endpoint = Endpoint(find_or_create_customer_id, settings)
    is_async, route = is_asynchronous(find_or_create_customer_id), path.strip("/")
    return [
        url(route, _view(endpoint, is_async=is_async, is_webhook=False), name="subscription"),
        url(
            f"{route}/webhook",
            _view(endpoint, is_async=is_async, is_webhook=True),
            name="subscription_webhook",
        ),
    ]


def _view(endpoint: Endpoint, *, is_async: bool, is_webhook: bool) -> Callable[..., Any]:
    def steps(request: HttpRequest) -> Steps[Answer]:
        found = _incoming(endpoint, request, MAX_WEBHOOK_BYTES if is_webhook else MAX_BODY_BYTES)
        return endpoint.answer_webhook(found) if is_webhook else endpoint.answer(found)

    # The endpoint looks at the origin itself: pages of the published package send no token of Django's.
    @csrf_exempt
    def subscription(request: HttpRequest) -> HttpResponse:
        return response_of(run(steps(request)))

    @csrf_exempt
    async def subscription_async(request: HttpRequest) -> HttpResponse:
        return response_of(await closing(steps(request)))

    return subscription_async if is_async else subscription


def _incoming(endpoint: Endpoint, request: HttpRequest, limit: int) -> Incoming:
    length = request.headers.get("content-length") or "0"
    too_large = not length.isdigit() or int(length) > limit
    body = None if too_large else request.body
    return Incoming(_head(endpoint, request), body if body is None or len(body) <= limit else None, request)


def _head(endpoint: Endpoint, request: HttpRequest) -> AuthRequest:
    trust = endpoint.options.trust_forwarded
    scope: dict[str, Any] | None = getattr(request, "scope", None)
    if scope is None:
        return AuthRequest.from_environ(request.META, trust_forwarded=trust)
    # Django's AsyncClient leaves the query as text.
    return AuthRequest.from_asgi(
        {**scope, "query_string": request.META["QUERY_STRING"].encode()}, trust_forwarded=trust
    )


def require_subscription(
    customers: Customers, *, product: str | None = None, feature: str | None = None
) -> Callable[[View], View]:
    """A view for customers who have bought a product (by id) or a feature (by name), as Stripe says.

    Signed-out pages are redirected to sign in, other requests get 401. Who has not bought it gets 403, and
    503 while that is not known. Raises ValueError unless exactly one of them is given.
    """
    return require(SubscriptionRequirement(customers, product=product, feature=feature))
