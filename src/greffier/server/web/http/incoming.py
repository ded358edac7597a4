"""From an ASGI scope to a `RequestInfo`, with the polyfills of simple requests applied."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import msgspec

from greffier.server import errors
from greffier.server.web.http.cookies import read_cookies
from greffier.server.web.http.forms import MAX_BODY, MAX_UPLOAD, parse_query
from greffier.server.web.http.proxies import FROM_TRUSTED_PROXY
from greffier.server.web.http.request import RequestInfo

_OVERRIDES = {"GET", "PUT", "PATCH", "DELETE", "POST"}
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")


def with_mount_path(scope: Any) -> Any:
    """A scope whose `root_path` says where this application is mounted (ASGI specification, HTTP scope).

    Litestar takes the prefix off `path` and leaves it in `raw_path` alone.
    """
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if len(raw) <= len(path) or scope.get("root_path"):
        return scope
    whole, part = unquote(raw.decode("latin-1")).rstrip("/"), path.rstrip("/")
    prefix = whole.removesuffix(part)
    if not prefix or prefix == whole:
        return scope
    return {**scope, "root_path": prefix, "path": whole}


def read_request(scope: Any) -> RequestInfo:
    """The facts of a request. Repeated and trailing slashes are normalised: SDKs send both.

    Raises:
        ApiError: 400 when the query string or the `Host` header is malformed.
    """
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "cookie":
            cookies.append(value)
        elif name not in headers:
            headers[name] = value
    host = headers.get("host", "localhost")
    if not _HOST.fullmatch(host):
        raise errors.bad_request("The Host header is malformed.")
    host = _without_final_dot(host)
    root = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    if root and path.startswith(root):
        path = path[len(root) :]
    scheme = scope.get("scheme", "http")
    client = scope.get("client")
    return RequestInfo(
        method=scope["method"],
        path="/" + "/".join(part for part in path.split("/") if part),
        base_url=f"{scheme}://{host}{root}",
        host=host,
        secure=scheme == "https",
        origin=headers.get("origin"),
        user_agent=headers.get("user-agent", "")[:500],
        ip_address=client[0] if client else "",
        query=parse_query(scope.get("query_string", b"")),
        headers=headers,
        cookies=read_cookies("; ".join(cookies)) if cookies else {},
        from_trusted_proxy=FROM_TRUSTED_PROXY in scope,
    )


def _without_final_dot(host: str) -> str:
    """The same host in the spelling that URLs and origins have (RFC 1034 section 3.1)."""
    if "." not in host or host.startswith("["):
        return host
    name, colon, port = host.partition(":")
    return f"{name.removesuffix('.')}{colon}{port}"


def override_method(request: RequestInfo) -> RequestInfo:
    """POST with `?_method=PATCH` is a PATCH. On any other method the parameter is ignored, because a
    top-level navigation carries Lax cookies.

    Raises:
        ApiError: 400 when `_method` is unknown or given twice.
    """
    wanted = request.query.get("_method")
    if wanted is None or request.method != "POST":
        return request
    if len(wanted) != 1 or wanted[0].upper() not in _OVERRIDES:
        raise errors.bad_request("_method must be one of GET, PUT, PATCH, DELETE, given once.")
    return msgspec.structs.replace(request, method=wanted[0].upper())


def body_content_type(request: RequestInfo) -> str:
    """The content type of the body; a page may name it in the query to stay a simple request."""
    return request.query_value("_content_type") or request.headers.get("content-type", "")


async def read_body(receive: Any, content_length: str | None, *, upload: bool = False) -> bytes:
    """The whole body.

    Raises:
        ApiError: 413 when it is longer than `MAX_BODY`, or than `MAX_UPLOAD` where a file is taken; 400 when
            the connection ends before it does, so that a part of it is never taken for the whole.
    """
    limit = MAX_UPLOAD if upload else MAX_BODY
    if content_length is not None and content_length.isdecimal() and int(content_length) > limit:
        raise errors.body_too_large()
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise errors.bad_request("The body is incomplete.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise errors.body_too_large()
        more = message.get("more_body", False)
    return bytes(body)
