"""Clients of the app under test with the cookies of a session. Each framework is imported when it is asked
for.
"""

from __future__ import annotations

import inspect
from typing import Any, Protocol
from urllib.parse import urlsplit

from greffier.sdk.http.cookies import directive_name, directive_value


class SignedIn(Protocol):
    """`greffier.testing.handles.sessions.Session`, as far as clients need it."""

    app_url: str

    def cookies(self) -> dict[str, str]: ...

    def set_cookie_lines(self) -> list[str]: ...


def httpx_client(session: SignedIn, app: Any, options: dict[str, Any]) -> Any:
    """See `Session.httpx_client`."""
    import httpx

    base_url = options.setdefault("base_url", session.app_url)
    client: Any = (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), **options)
        if is_asgi(app)
        else httpx.Client(transport=httpx.WSGITransport(app), **options)
    )
    # Through an answer, so that what the app sets later takes the place of these cookies.
    answer = httpx.Response(
        200,
        headers=[("set-cookie", line) for line in session.set_cookie_lines()],
        request=httpx.Request("GET", base_url),
    )
    client.cookies.extract_cookies(answer)
    return client


def is_asgi(app: Any) -> bool:
    """Whether calling the app makes a coroutine; a WSGI app answers at once."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)


def django_client(session: SignedIn, options: dict[str, Any]) -> Any:
    """See `Session.django_client`."""
    from django.test import Client

    client = Client(**options)
    for name, value in session.cookies().items():
        client.cookies[name] = value
    return client


def flask_client(session: SignedIn, app: Any, options: dict[str, Any]) -> Any:
    """See `Session.flask_client`."""
    client = app.test_client(**options)
    host = urlsplit(session.app_url).hostname
    for name, value in session.cookies().items():
        client.set_cookie(name, value, domain=host)
    return client


def add_to_context(session: SignedIn, context: Any, url: str) -> Any:
    """See `Session.add_to`."""
    cookies = [
        {
            "name": directive_name(line),
            "value": directive_value(line),
            "url": url,
            "httpOnly": "httponly" in line.lower(),
            "sameSite": "Lax",
        }
        for line in session.set_cookie_lines()
        if directive_value(line)
    ]
    return context.add_cookies(cookies)
