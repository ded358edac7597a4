"""Pages as responses: templates, the nonce of each answer, and the headers that keep a page safe."""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from greffier.server.errors import ApiError
from greffier.server.web.http.reply import Reply, error_reply
from greffier.server.web.http.request import RequestInfo

if TYPE_CHECKING:
    from jinja2 import Environment

_QUALITY = re.compile(r";\s*q=([\d.]+)")

SELF_CONTAINED = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page that needs nothing but itself."""

BROWSER_SDK = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Of a page that runs the browser SDK: its script loads its own parts, its pictures come from anywhere, and a
library in its UI writes style elements that know no nonce."""

CAPTCHA_FRAME = "frame-src https://challenges.cloudflare.com; "
"""Of pages with a CAPTCHA, beside their own policy. Its script is loaded by the browser SDK."""

BROWSER_SDK_WITH_REDIRECT = BROWSER_SDK.replace("form-action 'self'; ", "")
"""Of such a page whose form is answered by a redirect to an application, which may redirect further: browsers
hold all of these against `form-action`."""


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("greffier.server.hosted_pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, *, policy: str = SELF_CONTAINED, status: int = 200, **values: Any) -> Response:
    """A page of ours. `policy` is a Content-Security-Policy with the place of its nonce."""
    html, nonce = render(template, **values)
    return HTMLResponse(html, status, safety_headers(policy.format(nonce=nonce)))


def render(template: str, **values: Any) -> tuple[str, str]:
    """The HTML of a page, and the nonce that its scripts and styles carry."""
    nonce = secrets.token_urlsafe(16)
    return _templates().get_template(template).render(nonce=nonce, **values), nonce


def safety_headers(policy: str, *, frame_options: str = "DENY") -> dict[str, str]:
    """The security headers of every page; no cache may keep it."""
    return {
        "content-security-policy": policy,
        "x-frame-options": frame_options,
        "x-content-type-options": "nosniff",
        # Not `no-referrer`: browsers then send `Origin: null` with forms.
        "referrer-policy": "strict-origin",
        "cache-control": "no-store",
    }


def response_of(reply: Reply) -> Response:
    """An answer in the manner of the APIs."""
    response = Response(reply.body, reply.status)
    response.raw_headers += reply.headers
    return response


def refusal(request: RequestInfo, error: ApiError, *, mount: str) -> Response:
    """An error: as a page for people, in the published envelope for programs."""
    if not prefers_html(request):
        return response_of(error_reply(error))
    problem = error.items[0]
    response = page("problem.html", status=error.status, mount=mount, problem=problem)
    response.headers.update(error.headers)
    return response


def prefers_html(request: RequestInfo) -> bool:
    """Whether `Accept` names HTML, and JSON not before it (RFC 9110 section 12.5.1)."""
    qualities = {"text/html": 0.0, "application/json": 0.0}
    for part in request.headers.get("accept", "").split(","):
        kind, _, parameters = part.strip().partition(";")
        if kind.strip().lower() in qualities:
            given = _QUALITY.search(";" + parameters)
            qualities[kind.strip().lower()] = _number(given[1]) if given else 1.0
    return qualities["text/html"] > 0 and qualities["text/html"] >= qualities["application/json"]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
