"""Pages as responses of the framework: HTML, and errors as people or programs read them."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import HTMLResponse, Response

from greffier.server.errors import ApiError
from greffier.server.hosted_pages.rendering import SELF_CONTAINED, render, safety_headers
from greffier.server.web.http.reply import Reply, error_reply
from greffier.server.web.http.request import RequestInfo

_QUALITY = re.compile(r";\s*q=([\d.]+)")


def page(template: str, *, policy: str = SELF_CONTAINED, status: int = 200, **values: Any) -> Response:
    """A page of ours. `policy` is a Content-Security-Policy with the place of its nonce."""
    html, nonce = render(template, **values)
    return HTMLResponse(html, status, safety_headers(policy.format(nonce=nonce)))


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
