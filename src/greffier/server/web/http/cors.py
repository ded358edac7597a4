"""Cross-origin answers of the Frontend API (Fetch standard).

Requests of SDKs are "simple": no preflight is needed. The few that native apps and extensions send are
answered for allowed origins only.
"""

from __future__ import annotations

from functools import lru_cache

from greffier.server.web.http.reply import Reply
from greffier.server.web.http.request import RequestInfo

_EXPOSED = b"Authorization, Clerk-Db-Jwt, x-country, Retry-After"
_ALLOWED_HEADERS = "Authorization, Content-Type, x-mobile, x-expo-sdk-version"


def add_cors(reply: Reply, origin: str | None) -> None:
    """Let the page of this origin read the answer. Never `*`: credentials are included."""
    reply.headers += _headers(origin)


@lru_cache(maxsize=1024)
def _headers(origin: str | None) -> tuple[tuple[bytes, bytes], ...]:
    vary = (b"vary", b"Origin")
    if origin is None:
        return (vary,)
    return (
        vary,
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", _EXPOSED),
    )


def preflight(request: RequestInfo) -> Reply:
    """The answer to OPTIONS of an allowed origin."""
    reply = Reply(204, b"", [])
    add_cors(reply, request.origin)
    reply.add("access-control-allow-methods", "GET, POST, OPTIONS")
    reply.add("access-control-allow-headers", _ALLOWED_HEADERS)
    reply.add("access-control-max-age", "600")
    return reply


def add_public_cors(reply: Reply) -> None:
    """Let every page read the answer, which is the same with and without cookies."""
    reply.headers += (
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"WWW-Authenticate, Retry-After"),
    )


def public_preflight() -> Reply:
    """The answer to OPTIONS where pages of every origin may ask."""
    reply = Reply(204, b"", [])
    add_public_cors(reply)
    reply.add("access-control-allow-methods", "GET, POST, OPTIONS")
    reply.add("access-control-allow-headers", "Authorization, Content-Type, MCP-Protocol-Version")
    reply.add("access-control-max-age", "600")
    return reply
