"""An app behind the middleware, and browsers in front of it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from greffier.asgi import AuthMiddleware
from greffier.sdk.protection.current import auth, get_auth
from tests.sdk.instances import Instance, development, production

PRODUCTION = production()
DEVELOPMENT = development()
ORIGIN = "https://app.example.com"
DOCUMENT = {"sec-fetch-dest": "document", "accept": "text/html"}


async def say(request: Request) -> PlainTextResponse:
    """The user that the app sees, by each way of asking."""
    by_request, by_scope, by_context = get_auth(request), get_auth(request.scope), auth()
    assert by_request is by_scope is by_context
    return PlainTextResponse(f"{request.url.path} {by_context.user_id}")


def app() -> Starlette:
    """An app that says which path and user it sees."""
    return Starlette(routes=[Route("/{path:path}", say, methods=["GET", "POST", "HEAD"])])


def protected(instance: Instance = PRODUCTION, *, inner: Any = None, **settings: Any) -> AuthMiddleware:
    """The app behind the middleware; only its root is public."""
    settings = {"jwt_key": instance.pem, "public_routes": ["/"], **settings}
    return AuthMiddleware(inner or app(), publishable_key=instance.publishable_key, **settings)


@asynccontextmanager
async def browser(middleware: Any, **cookies: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client with cookies, on the origin of the app."""
    transport = httpx.ASGITransport(middleware)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        yield client


def signed_in_cookies(instance: Instance = PRODUCTION, **claims: Any) -> dict[str, str]:
    """The cookies of a browser that is signed in now."""
    now = time.time()
    cookies = {"__session": instance.token(now=now, **claims), "__client_uat": str(int(now) - 60)}
    return cookies if instance is PRODUCTION else {**cookies, "__clerk_db_jwt": "dvb_1"}
