"""Small pages without the browser SDK, for people whom a navigation has led to an API."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from greffier.server.errors import ApiError
from greffier.server.web.http.reply import Reply, error_reply
from greffier.server.web.http.request import RequestInfo

_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-content:center;"
    "padding:1.5rem;font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}"
    "main{max-width:30rem;padding:2rem;border:1px solid GrayText;border-radius:12px}"
    "h1{margin:0 0 .5rem;font-size:1.4rem}p{margin:.5rem 0}"
)
_ESCAPED_STYLE = _STYLE.replace("{", "{{").replace("}", "}}")
_PAGE = f"""\
<!doctype html><html lang="en"><meta charset="utf-8"><title>{{title}}</title>\
<meta name="viewport" content="width=device-width"><style>{_ESCAPED_STYLE}</style>{{body}}</html>"""
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "{scripts}base-uri 'none'; frame-ancestors 'none'"
)


def small_page(title: str, body: str, *, scripts: str = "") -> tuple[bytes, dict[str, str]]:
    """Returns the page and its headers.

    Args:
        body: HTML.
        scripts: directives of its Content-Security-Policy.
    """
    headers = _HEADERS | {"content-security-policy": _POLICY.format(scripts=scripts)}
    return _PAGE.format(title=title, body=body).encode(), headers


def refusal_for_people(request: RequestInfo, error: ApiError) -> Reply:
    """An error where a person may look: as a page if the browser asks for one."""
    return _refusal(request, error)


def refusal_with_way_back(request: RequestInfo, error: ApiError) -> Reply:
    """As `refusal_for_people`, with a link to the sign-in page."""
    # Relative, because the server may be mounted under a path.
    up = "../" * (request.path.count("/") - 1)
    return _refusal(request, error, f'<p><a href="{up}sign-in">Sign in</a></p>')


def _refusal(request: RequestInfo, error: ApiError, more: str = "") -> Reply:
    reply = error_reply(error)
    if "text/html" not in request.headers.get("accept", ""):
        return reply
    item = error.items[0]
    body = f"<main><h1>{escape(item.message)}</h1><p>{escape(item.long_message)}</p>{more}</main>"
    reply.body, headers = small_page("This request cannot be answered", body)
    kept = [(name, value) for name, value in reply.headers if name.decode() not in headers]
    reply.headers = kept + [(name.encode(), value.encode()) for name, value in headers.items()]
    return reply
