"""The pages, loaded with the framework that they alone use by the first request for one: a server whose
applications have their own pages answers none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from greffier.server.web.context import Services


class Pages:
    """The ASGI application of everything that is no API."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def _application(self) -> Callable[[Any, Any, Any], Awaitable[None]]:
        from greffier.server.hosted_pages.pages import create_pages

        return create_pages(self._services)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application(scope, receive, send)
