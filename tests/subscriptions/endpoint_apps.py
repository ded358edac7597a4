"""One application per framework with the endpoint behind the middleware, as its guide shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask
import httpx
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from fastapi import FastAPI
from litestar import Litestar
from starlette.applications import Starlette

from greffier import asgi, get_auth, wsgi
from greffier.fastapi import add_auth as add_to_fastapi
from greffier.flask import Auth
from greffier.litestar import AuthPlugin
from greffier.starlette import add_auth as add_to_starlette
from greffier.subscriptions.endpoints.asgi import SubscriptionMiddleware as AsgiSubscriptions
from greffier.subscriptions.endpoints.django import subscription_urls
from greffier.subscriptions.endpoints.fastapi import subscription_router
from greffier.subscriptions.endpoints.flask import subscription_blueprint
from greffier.subscriptions.endpoints.litestar import subscription_handlers
from greffier.subscriptions.endpoints.starlette import subscription_routes
from greffier.subscriptions.endpoints.wsgi import SubscriptionMiddleware as WsgiSubscriptions
from tests.sdk.apps import ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.django.project import GREFFIER, urlpatterns

PATH = "/api/subscription"
PUBLIC = ["/", "/api/subscription/**"]
CUSTOMERS: dict[str, str] = {}
"""Customers by user, as an application's database has them."""


def find(request: Any) -> str | None:
    """The customer of the signed-in user."""
    return CUSTOMERS.get(get_auth(request).user_id or "")


async def find_async(request: Any) -> str | None:
    await asyncio.sleep(0)
    return find(request)


@dataclass
class Served:
    """An application, asked over its server's interface by a page of its own."""

    is_asgi: bool
    app: Any
    django: dict[str, Any] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        action: str | None = None,
        *,
        user: str | None = None,
        path: str = PATH,
        headers: Mapping[str, str | None] | None = None,
        cookies: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """A request as the published package makes it; a header of None is left out."""
        sent = {"origin": ORIGIN, "x-forwarded-proto": "https"} if method != "GET" else {}
        if method == "POST" and "content" not in options:
            options.setdefault("json", {})
        sent = {name: value for name, value in (sent | dict(headers or {})).items() if value is not None}
        jar = cookies if cookies is not None else signed_in_cookies(sub=user) if user else {}
        params = None if action is None else {"action": action}
        client: dict[str, Any] = {"base_url": ORIGIN, "cookies": jar}
        with override_settings(**self.django):
            if self.is_asgi:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), **client) as http:
                    return await http.request(method, path, params=params, headers=sent, **options)
            with httpx.Client(transport=httpx.WSGITransport(self.app), **client) as http:
                return await asyncio.to_thread(
                    http.request, method, path, params=params, headers=sent, **options
                )


def _starlette(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    app = Starlette(routes=subscription_routes(find_async, **settings))
    add_to_starlette(app, **auth)
    return Served(True, app)


def _fastapi(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    app = FastAPI()
    app.include_router(subscription_router(find, **settings))
    add_to_fastapi(app, **auth)
    return Served(True, app)


def _litestar(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    return Served(
        True, Litestar([*subscription_handlers(find_async, **settings)], plugins=[AuthPlugin(**auth)])
    )


def _flask(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    app = flask.Flask("sells")
    app.register_blueprint(subscription_blueprint(find, **settings))
    Auth(app, **auth)
    return Served(False, app)


def _asgi(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    inner = Starlette()
    return Served(True, asgi.AuthMiddleware(AsgiSubscriptions(inner, find, **settings), **auth))


def _wsgi(auth: dict[str, Any], settings: dict[str, Any]) -> Served:
    inner = flask.Flask("bare").wsgi_app
    return Served(False, wsgi.AuthMiddleware(WsgiSubscriptions(inner, find, **settings), **auth))


def _django(auth: dict[str, Any], settings: dict[str, Any], *, is_asgi: bool) -> Served:
    patterns = subscription_urls(find_async if is_asgi else find, **settings)
    changed = {"ROOT_URLCONF": (*urlpatterns, *patterns), "GREFFIER": {**GREFFIER, **auth}}
    with override_settings(**changed):
        app = get_asgi_application() if is_asgi else get_wsgi_application()
    return Served(is_asgi, app, changed)


FRAMEWORKS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Served]] = {
    "starlette": _starlette,
    "fastapi": _fastapi,
    "litestar": _litestar,
    "flask": _flask,
    "asgi": _asgi,
    "wsgi": _wsgi,
    "django by wsgi": lambda auth, settings: _django(auth, settings, is_asgi=False),
    "django by asgi": lambda auth, settings: _django(auth, settings, is_asgi=True),
}


def served(framework: str, settings: dict[str, Any], public: list[str] = PUBLIC) -> Served:
    """The application of a framework."""
    auth = {
        "publishable_key": PRODUCTION.publishable_key,
        "jwt_key": PRODUCTION.pem,
        "public_routes": public,
    }
    return FRAMEWORKS[framework](auth, settings)


@contextmanager
def customers(**known: str) -> Iterator[None]:
    """The application's database holds these."""
    CUSTOMERS.update(known)
    try:
        yield
    finally:
        CUSTOMERS.clear()
