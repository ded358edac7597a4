"""Pass values from a middleware to the application behind it, in this process or in another one.

`with_context` runs a middleware that may set values; `get_context` (`context_reading.py`) reads them.
The names on the wire are those of the published snippet, so that a Next.js middleware may stand in front of a
Python application and the other way round. `greffier.asgi_context` and `greffier.wsgi_context` are the glue.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus, urljoin

from greffier.sdk.context.reading import Incoming, find_header, wire_name
from greffier.sdk.errors import ConfigurationError, ContextSpoofed
from greffier.sdk.http.urls import origin_of, url_with
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.hooks import call_hook
from greffier.sdk.protection.requirements import error_body
from greffier.sdk.steps import Steps, run, run_async

__all__ = ["ContextPassing", "SetContext", "set_context", "with_context"]

log = logging.getLogger("greffier.sdk")

REWRITE = "x-middleware-rewrite"
NEXT = "x-middleware-next"
# : The maximum of all values of one request, in bytes of a query string. Common hosts take 8 to 16 KiB of :
# headers or URL altogether, cookies included.
MAX_BYTES = 4096

#: RFC 9110 section 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# : Characters that a header carries unchanged (RFC 9110 section 5.5): no control character, no blank at
# either end.
_HEADER_VALUE = re.compile(r"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")

SetContext = Callable[[str, str], None]
#: `middleware(set_context, request)`, plain or asynchronous. None continues with the application; anything
#: else is the answer, such as a redirect or a rewrite.
ContextFunction = Callable[[SetContext, Any], Any]


def with_context(
    allowed_keys: Iterable[str], middleware: ContextFunction, *, max_bytes: int = MAX_BYTES
) -> "ContextPassing":
    """A middleware that may call `set_context(key, value)` for the keys that are declared here.

    A request that brings one of these keys itself, as a header or as a query parameter, is refused before the
    middleware sees it. `max_bytes` limits all values of a request together.

    Raises `TypeError` for keys that are no strings, and `ValueError` for keys that cannot be part of the name
    of a header or that some servers could not tell apart.
    """
    return ContextPassing(allowed_keys, middleware, max_bytes=max_bytes)


def set_context(key: str, value: str) -> None:
    """The type of the `set_context` that a middleware is given, for the functions that it calls.

    Raises `ConfigurationError` outside of a middleware of `with_context`.
    """
    setter = _current.get()
    if setter is None:
        raise ConfigurationError("set_context() was called outside of a middleware of with_context().")
    setter(key, value)


class ContextPassing:
    """The result of `with_context`. Immutable, so that any number of requests may go through it at a time."""

    def __init__(
        self, allowed_keys: Iterable[str], middleware: ContextFunction, *, max_bytes: int = MAX_BYTES
    ) -> None:
        self.allowed = _allowed(allowed_keys)
        self._spellings = {_one_spelling(name): name for name in self.allowed}
        self._middleware = middleware
        self._max_bytes = max_bytes

    def handle(self, request: Any) -> Any:
        """The middleware as a process of its own: the response that tells the host to continue.

        It is the response of the middleware, with the values on its headers and on the query of
        `x-middleware-rewrite`; untouched when no value was set, and when it is a redirect or a rewrite to
        another origin. Raises `ContextSpoofed` for a request that brings a value itself.
        """
        return run(self._handle(request))

    async def handle_async(self, request: Any) -> Any:
        """`handle` for asynchronous code."""
        return await run_async(self._handle(request))

    def decide(self, request: Any) -> Steps["Decision"]:
        """Refuse spoofed requests, then let the middleware speak."""
        incoming = Incoming(request)
        self._refuse_spoofed(incoming)
        setter = _Setter(self.allowed, self._max_bytes)
        token = _current.set(setter)
        try:
            response = yield from call_hook(self._middleware, setter, request)
        finally:
            setter.closed = True
            _current.reset(token)
        return Decision(response, dict(setter.data), incoming.url)

    def _handle(self, request: Any) -> Steps[Any]:
        decision = yield from self.decide(request)
        return decision.response_with_context()

    def _refuse_spoofed(self, incoming: Incoming) -> None:
        # Overriding is not enough: hosts differ in which of two values wins.
        names = [*incoming.header_names(), *_parameter_names(incoming.query)]
        for name in names:
            wire = self._spellings.get(_one_spelling(name))
            if wire is not None:
                error = ContextSpoofed(wire.removeprefix("ctx-"))
                log.warning("%s (%s)", error, incoming.method)
                raise error


@dataclass(frozen=True, slots=True)
class Decision:
    """The middleware's result for a request, and the values that it set, by their names on the wire."""

    response: Any
    data: dict[str, str]
    url: str

    @property
    def rewrite(self) -> str | None:
        """The URL on the request's own origin that answers in place of the one asked for, if any."""
        target = None if self.response is None else find_header(_headers_of(self.response), REWRITE)
        if not target:
            return None
        absolute = urljoin(self.url, target)
        return absolute if origin_of(absolute) == origin_of(self.url) else None

    @property
    def continues(self) -> bool:
        """Whether the application answers."""
        if self.response is None:
            return True
        headers = _headers_of(self.response)
        return find_header(headers, "location") is None and (
            find_header(headers, NEXT) is not None or self.rewrite is not None
        )

    def response_with_context(self) -> Any:
        """The response for a host that follows `x-middleware-rewrite`."""
        response = Answer(200, ((NEXT, "1"),)) if self.response is None else self.response
        if not self.data:
            return response
        headers = _headers_of(response)
        if find_header(headers, "location"):
            return response
        target = urljoin(self.url, find_header(headers, REWRITE) or self.url)
        if origin_of(target) != origin_of(self.url):
            return response
        return _with_headers(response, {**self.data, REWRITE: url_with(target, self.data.items())})


class _Setter:
    """`set_context` of one request."""

    def __init__(self, allowed: frozenset[str], max_bytes: int) -> None:
        self.data: dict[str, str] = {}
        self.closed = False
        self._allowed = allowed
        self._max_bytes = max_bytes

    def __call__(self, key: str, value: str) -> None:
        name = wire_name(key)
        if name not in self._allowed:
            raise ValueError(f"Key {key} is not allowed. Add it to withContext's first argument.")
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"Value for {key} must be a string, received {type(value).__name__}")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(
                f"Value for {key} cannot be sent in a header: no line breaks, no blanks around it, and only "
                "Latin-1 characters. Encode it first."
            )
        if self.closed:
            raise RuntimeError(f"Key {key} was set after the middleware had returned.")
        self._check_size({**self.data, name: value})
        self.data[name] = value

    def _check_size(self, data: dict[str, str]) -> None:
        size = sum(len(quote_plus(name)) + len(quote_plus(value)) + 2 for name, value in data.items())
        if size > self._max_bytes:
            raise ValueError(
                f"The values of this request take {size} bytes of headers and query; {self._max_bytes} are "
                "allowed. Pass less, such as an id, or raise max_bytes if your hosts take more."
            )


_current: ContextVar[_Setter | None] = ContextVar("greffier.set_context", default=None)


def _allowed(keys: Iterable[str]) -> frozenset[str]:
    if isinstance(keys, str):
        raise TypeError("Give a list of keys, such as ['plan'], not a single text.")
    names: dict[str, str] = {}
    for key in keys:
        if not isinstance(key, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("All keys must be strings")
        name = wire_name(key)
        if not _TOKEN.fullmatch(key):
            raise ValueError(f"Key {key!r} cannot be part of a header's name.")
        if names.setdefault(_one_spelling(name), name) != name:
            raise ValueError(f"WSGI servers cannot tell key {key!r} from another one: '-' is '_' to them.")
    return frozenset(names.values())


def _one_spelling(name: str) -> str:
    """One spelling for names that some server, framework or gateway treats as equal (PEP 3333: environ
    variables).
    """
    return name.lower().replace("_", "-")


def _parameter_names(query: str) -> list[str]:
    # ";" between parameters is out of use, and still understood by some.
    return [unquote_plus(pair.partition("=")[0]) for pair in re.split("[&;]", query) if pair]


def _headers_of(response: Any) -> Any:
    headers = response.headers
    return dict(headers) if isinstance(response, Answer) else headers


def _with_headers(response: Any, headers: dict[str, str]) -> Any:
    if isinstance(response, Answer):
        kept = [(name, value) for name, value in response.headers if name.lower() not in headers]
        return Answer(response.status, (*kept, *headers.items()), response.body)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def spoofed_answer(error: ContextSpoofed) -> Answer:
    """400 in the published error envelope."""
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(400, headers, json.dumps(error_body("context_spoofed", str(error))).encode())
