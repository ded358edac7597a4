"""Answers in the shapes of OAuth: errors, and what a browser carries back to an application."""

from __future__ import annotations

import re
import secrets
from html import escape

import msgspec

from greffier.server.errors import ApiError
from greffier.server.oauth_provider.applications.redirect_uris import with_parameters
from greffier.server.web.context import Context
from greffier.server.web.http.reply import Reply, error_reply, json_reply
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.http.small_pages import small_page
from greffier.server.web.operations.declaration import Raw

_NOT_IN_DESCRIPTIONS = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
_CODES = frozenset(
    {
        "invalid_client",
        "invalid_client_metadata",
        "invalid_grant",
        "invalid_redirect_uri",
        "invalid_request",
        "invalid_target",
        "unsupported_grant_type",
        "unsupported_token_type",
    }
)


class OAuthError(msgspec.Struct):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str


def oauth_refusal(request: RequestInfo, error: ApiError) -> Reply:
    """An error as OAuth clients read it. Those that have nothing to do with OAuth keep the usual envelope."""
    return _shaped(error, otherwise="invalid_request")


def registration_refusal(request: RequestInfo, error: ApiError) -> Reply:
    """RFC 7591 section 3.2.2."""
    return _shaped(error, otherwise="invalid_client_metadata")


def _shaped(error: ApiError, *, otherwise: str) -> Reply:
    if error.status not in (400, 401):
        return error_reply(error)
    item = error.items[0]
    code = item.code if item.code in _CODES else otherwise
    reply = json_reply(error.status, OAuthError(code, _NOT_IN_DESCRIPTIONS.sub("'", item.long_message)))
    for name, value in error.headers.items():
        reply.add(name.lower(), value)
    return reply


def deliver(ctx: Context, redirect_uri: str, mode: str, parameters: dict[str, str]) -> Raw:
    """Send the browser to the application with these parameters, and with the name of this server, by which a
    client identifies the issuer (RFC 9207).

    Args:
        redirect_uri: one that the application has registered.
        mode: `query`, or `form_post` (OAuth 2.0 Form Post Response Mode).
    """
    parameters = {**parameters, "iss": ctx.instance.issuer}
    if mode == "form_post":
        return _form_post(redirect_uri, parameters)
    return go_to(with_parameters(redirect_uri, parameters))


def go_to(url: str) -> Raw:
    """303, so that the browser does not send again what it posted (RFC 9700 section 4.12)."""
    return Raw(303, {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"})


def _form_post(redirect_uri: str, parameters: dict[str, str]) -> Raw:
    nonce = secrets.token_urlsafe(16)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in parameters.items()
    )
    body = (
        f'<form method="post" action="{escape(redirect_uri)}">{fields}'
        f"<noscript><button>Continue</button></noscript></form>"
        f'<script nonce="{nonce}">document.forms[0].submit()</script>'
    )
    page, headers = small_page("Continue", body, scripts=f"script-src 'nonce-{nonce}'; ")
    return Raw(200, headers, page)
