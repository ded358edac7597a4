"""Templates, the nonce of each answer, and the headers that keep a page safe. `responses.py` uses them."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

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
