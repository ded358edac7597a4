"""The endpoint as a router of FastAPI.

    app.include_router(subscription_router(find_or_create_customer_id))

`find_or_create_customer_id(request)` is called with the `Request`.
"""

from typing import Unpack

from fastapi import APIRouter

from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.endpoints.starlette import subscription_routes

__all__ = ["subscription_router"]


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
