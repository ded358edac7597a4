"""`get_context`: a value that a middleware passed on, from whatever an application has for a request.

`greffier.sdk.context.passing` is the other side.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.urls import query_value

#: Where values wait within one process: in the `state` of an ASGI scope, or in a WSGI environ.
IN_FLIGHT = "greffier.context"


def wire_name(key: str) -> str:
    """The name of the header and of the query parameter that carry a key."""
    return f"ctx-{key.lower()}"


def get_context(request: Any, key: str) -> str | None:
    """The value that the middleware set for `key`; None when it set none.

    `request` is one of Starlette, FastAPI, Litestar, Django, Flask or Werkzeug, an ASGI scope, a WSGI
    environ, or anything with `headers` and a `url`, which may be a path only. Looked at are, in this order,
    the header of the request, what is on its way within this process, and the query.

    A key is safe to read only behind a middleware that declares it: see `with_context`.
    """
    name = wire_name(key)
    incoming = Incoming(request)
    value = incoming.header(name)
    if value:
        return value
    value = incoming.in_flight(name)
    return query_value(incoming.query, name) if value is None else value


class Incoming:
    """One way to read every kind of request."""

    def __init__(self, request: Any) -> None:
        self._scope = _mapping(request, "scope", "headers")
        self._environ = None
        if self._scope is None or not isinstance(self._scope["headers"], list | tuple):
            self._scope = None
            self._environ = _mapping(request, "environ", "REQUEST_METHOD")
            if self._environ is None:
                self._environ = _mapping(request, "META", "REQUEST_METHOD")
        self._request = request

    @property
    def method(self) -> str:
        """The HTTP method; empty when the request does not say."""
        if self._scope is not None:
            return str(self._scope.get("method", "GET"))
        if self._environ is not None:
            return str(self._environ["REQUEST_METHOD"])
        return str(_part(self._request, "method") or "")

    @property
    def query(self) -> str:
        """The query string as it was sent."""
        if self._scope is not None:
            return bytes(self._scope.get("query_string", b"")).decode("latin-1")
        if self._environ is not None:
            return str(self._environ.get("QUERY_STRING", ""))
        return self.url.partition("#")[0].partition("?")[2]

    @property
    def url(self) -> str:
        """The URL as the browser sees it; only a path if no more is known."""
        if self._scope is not None:
            return AuthRequest.from_asgi(self._scope).url
        if self._environ is not None:
            return AuthRequest.from_environ(self._environ).url
        return str(_part(self._request, "url") or "")

    def header_names(self) -> Iterable[str]:
        """The names of all headers. Those of an environ have lost their spelling."""
        if self._scope is not None:
            return [name.decode("latin-1") for name, _ in self._scope["headers"]]
        if self._environ is not None:
            return [name[5:].replace("_", "-") for name in self._environ if name.startswith("HTTP_")]
        headers: Any = _part(self._request, "headers")
        return [] if headers is None else [str(name) for name in headers]

    def header(self, name: str) -> str | None:
        """The first header of a lower-case name; None when absent."""
        if self._scope is not None:
            wanted = name.encode("latin-1", "replace")
            values = [value for key, value in self._scope["headers"] if key.lower() == wanted]
            return values[0].decode("latin-1") if values else None
        if self._environ is not None:
            return self._environ.get("HTTP_" + name.upper().replace("-", "_"))
        return find_header(_part(self._request, "headers"), name)

    def in_flight(self, name: str) -> str | None:
        """A value that a middleware of this process set; None when there is none."""
        if self._scope is not None:
            return _values(self._scope.get("state")).get(name)
        return None if self._environ is None else _values(self._environ).get(name)


def find_header(headers: Any, name: str) -> str | None:
    """A header by its lower-case name, in a framework's headers or in a plain dict of any spelling."""
    if headers is None:
        return None
    value = headers.get(name)
    if value is None:
        value = next((headers[key] for key in headers if str(key).lower() == name), None)
    return None if value is None else str(value)


def _mapping(request: Any, attribute: str, key: str) -> Mapping[str, Any] | None:
    for candidate in (request, getattr(request, attribute, None)):
        if isinstance(candidate, Mapping) and key in candidate:
            return cast("Mapping[str, Any]", candidate)
    return None


def _part(request: Any, name: str) -> Any:
    if isinstance(request, Mapping):
        return cast("Mapping[str, Any]", request).get(name)
    return getattr(request, name, None)


def _values(holder: Any) -> dict[str, str]:
    if not isinstance(holder, Mapping):
        return {}
    return cast("Mapping[str, dict[str, str]]", holder).get(IN_FLIGHT) or {}
