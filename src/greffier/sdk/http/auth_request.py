"""`AuthRequest`: the parts of an HTTP request that authentication reads, whatever the framework."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

from greffier.sdk.http.cookies import parse_cookies
from greffier.sdk.http.urls import ascii_url, is_host, join_origin, query_value

#: Nothing that leaves the origin: no empty segment, and nothing but what a path may hold.
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class AuthRequest:
    """One request. `headers` have lower-case names; `path` and `query` are as sent, percent-encoded.

    `trust_forwarded`: whether a reverse proxy in front sets X-Forwarded-Host, -Proto and -Prefix. `roots` are
    a prefix that the server knows, which may be in the path or taken off, and the same with that of every
    mount around the app.
    """

    __slots__ = (
        "_cookies",
        "_host",
        "_origin",
        "_roots",
        "_scheme",
        "_trust_forwarded",
        "headers",
        "is_websocket",
        "method",
        "path",
        "query",
    )

    def __init__(
        self,
        method: str,
        *,
        scheme: str,
        host: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        trust_forwarded: bool = True,
        is_websocket: bool | None = None,
        roots: tuple[str, str] | None = None,
    ) -> None:
        self.method = method.upper()
        self.headers = headers
        #: Whether a WebSocket is opened: by what its server says, else as in HTTP/1.1 (RFC 6455).
        self.is_websocket = _asks_for_websocket(headers) if is_websocket is None else is_websocket
        self.path = path
        self._roots = roots
        self.query = query
        self._scheme = _SCHEMES.get(scheme, "http")
        self._host = host
        self._trust_forwarded = trust_forwarded
        self._origin: str | None = None
        self._cookies: dict[str, str] | None = None

    @classmethod
    def from_url(cls, method: str, url: str, headers: Iterable[tuple[str, str]] = ()) -> "AuthRequest":
        """A request known by its URL, such as one of httpx or of a test."""
        scheme, _, rest = url.partition("#")[0].partition("://")
        host, slash, target = rest.partition("/")
        path, _, query = (slash + target).partition("?")
        return cls(method, scheme=scheme, host=host, path=path or "/", query=query, headers=_joined(headers))

    @classmethod
    def from_asgi(
        cls, scope: Mapping[str, Any], *, trust_forwarded: bool = True, root_path: str = ""
    ) -> "AuthRequest":
        """The request of an ASGI scope of type http or websocket.

        `root_path` is the app's own, where it has put it into the scope of its inner layers only.
        """
        headers = _headers_of_scope(scope["headers"])
        sent: bytes | str = scope.get("raw_path") or scope["path"]
        if isinstance(sent, bytes) and b"?" in sent:
            sent = sent.partition(b"?")[0]
        whole: str = scope.get("root_path") or root_path
        return cls(
            scope.get("method", "GET"),
            scheme=scope.get("scheme", "http"),
            host=_server_host(scope.get("server")),
            path=ascii_url(sent),
            query=ascii_url(scope.get("query_string", b"")),
            headers=headers,
            trust_forwarded=trust_forwarded,
            # The prefix that mounts add to it is in the path.
            roots=(scope.get("app_root_path", whole), whole) if whole else None,
            is_websocket=scope.get("type") == "websocket",
        )

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any], *, trust_forwarded: bool = True) -> "AuthRequest":
        """The request of a WSGI environ (PEP 3333).

        Header names that differ in `-` and `_` only are one name there, which servers or proxies may exploit
        or prevent: see their settings for headers with underscores.
        """
        script: str = environ.get("SCRIPT_NAME", "")
        return cls(
            environ.get("REQUEST_METHOD", "GET"),
            scheme=environ.get("wsgi.url_scheme", "http"),
            host=_server_host((environ.get("SERVER_NAME", "localhost"), _port(environ.get("SERVER_PORT")))),
            path=_path_as_sent(environ),
            query=ascii_url(environ.get("QUERY_STRING", "").encode("latin-1", "replace")),
            headers=_joined(_headers_of_environ(environ)),
            trust_forwarded=trust_forwarded,
            roots=(script, script) if script else None,
        )

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        if self._cookies is None:
            self._cookies = parse_cookies(self.headers.get("cookie", ""))
        return self._cookies

    @property
    def origin(self) -> str:
        """The origin that the browser sees: forwarded host and scheme first, as proxies set them."""
        if self._origin is None:
            host = self._public_host()
            # Without any host header the forwarded scheme says nothing about the host we know.
            self._origin = join_origin(self._public_scheme() if host else self._scheme, host or self._host)
        return self._origin

    @property
    def prefix(self) -> str:
        """The prefix that was stripped from the path, and which the browser shows in front of it.

        Proxies tell of what they take off in X-Forwarded-Prefix, which is often what the server knows too.
        """
        root = ascii_url(self._roots[0].rstrip("/")) if self._roots else ""
        missing = root if root and unquote(self.path) != unquote(root) and not self._is_below(root) else ""
        told = _first(self.headers.get("x-forwarded-prefix")).rstrip("/") if self._trust_forwarded else ""
        if not _PREFIX.fullmatch(told) or root.endswith(told):
            told = ""
        return told + missing

    @property
    def mount(self) -> str:
        """The beginning of the path that the app's routes do not see: stripped by the server and by
        mounts."""
        root, whole = self._roots or ("", "")
        for taken in (whole, whole.removeprefix(root)):
            if taken and self._is_below(taken):
                return ascii_url(taken.rstrip("/"))
        return ""

    def _is_below(self, root: str) -> bool:
        return unquote(self.path).startswith(unquote(root) + "/")

    @property
    def url(self) -> str:
        """The URL that the browser sees."""
        return self.url_with_query(self.query)

    def url_with_query(self, query: str) -> str:
        """The URL that the browser sees, with another query, percent-encoded, in place of its own."""
        return f"{self.origin}{self.prefix}{self.path}{'?' if query else ''}{query}"

    def header(self, name: str) -> str | None:
        """A header by its lower-case name; None when absent or empty."""
        return self.headers.get(name) or None

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter; None when absent."""
        query = self.query
        if not query or (name not in query and "%" not in query):
            return None
        return query_value(query, name)

    @property
    def wants_document(self) -> bool:
        """Whether this is probably a page being opened, and not a fetch by a script."""
        destination = self.headers.get("sec-fetch-dest")
        if destination:
            return destination in ("document", "iframe")
        return self.headers.get("accept", "").startswith("text/html")

    def _public_scheme(self) -> str:
        for name in ("cloudfront-forwarded-proto", "x-forwarded-proto") if self._trust_forwarded else ():
            scheme = _SCHEMES.get(_first(self.headers.get(name)).lower())
            if scheme:
                return scheme
        return self._scheme

    def _public_host(self) -> str | None:
        for name in ("x-forwarded-host", "host") if self._trust_forwarded else ("host",):
            host = _first(self.headers.get(name))
            if host and is_host(host):
                return host
        return None


def _asks_for_websocket(headers: Mapping[str, str]) -> bool:
    """`Upgrade` is a list of protocols (RFC 9110 section 7.8)."""
    upgrade = headers.get("upgrade", "")
    return bool(upgrade) and "websocket" in (one.strip().lower() for one in upgrade.split(","))


def _first(value: str | None) -> str:
    return value.partition(",")[0].strip() if value else ""


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        if name in headers:
            # HTTP/2 may split the cookies over several headers (RFC 9113 8.2.3).
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def _headers_of_scope(pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    pairs = list(pairs)
    headers = dict(pairs)
    if len(headers) == len(pairs):
        return _ScopeHeaders(headers)
    return _joined((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)


class _ScopeHeaders(Mapping[str, str]):
    """The headers of an ASGI scope, whose names are in lower case, decoded as they are asked for: most never
    are."""

    __slots__ = ("_encoded",)

    def __init__(self, encoded: dict[bytes, bytes]) -> None:
        self._encoded = encoded

    def __getitem__(self, name: str) -> str:
        return self._encoded[name.encode("latin-1")].decode("latin-1")

    def get(self, name: str, default: Any = None) -> Any:
        value = self._encoded.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.encode("latin-1") in self._encoded

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


def _headers_of_environ(environ: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-"), value
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-"), value


_SAFE = "/:@!$&'()*+,;=~-._"


def _path_as_sent(environ: Mapping[str, Any]) -> str:
    """The path as servers that tell it have received it; otherwise spelled anew, as PEP 3333 says.

    It is taken only where it is that of the path the app sees, with or without SCRIPT_NAME: something in
    between may have rewritten it.
    """
    script, info = (
        environ.get(name, "").encode("latin-1", "replace") for name in ("SCRIPT_NAME", "PATH_INFO")
    )
    seen = script + info
    for name in ("RAW_URI", "REQUEST_URI"):  # gunicorn and Werkzeug; Apache, uWSGI and others
        sent = environ.get(name, "").partition("?")[0].encode("latin-1", "replace")
        if sent and unquote_to_bytes(sent) == seen:
            return ascii_url(sent)
        if sent and unquote_to_bytes(sent) == info:
            return quote(script, safe=_SAFE) + ascii_url(sent)
    return quote(seen, safe=_SAFE) or "/"


def _port(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _server_host(server: tuple[str, int | None] | None) -> str:
    if not server or server[1] is None:
        return "localhost"
    host = f"[{server[0]}]" if ":" in server[0] else server[0]
    return f"{host}:{server[1]}"
