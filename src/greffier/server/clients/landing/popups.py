"""The page on which a popup ends that was sent to another site. Browser SDKs know its host: `accounts.`

In development this server has no such host, nor https on port 443. There the page is at the server's own
address, and the script that applications load from it (`hosted_pages/dev_browser_script.py`) passes the
page's message on to the SDK.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from greffier.server.web.context import Context
from greffier.server.web.http.hosts import accounts_host
from greffier.server.web.instance.instance import Instance

POPUP_PAGE = "/popup-callback"


def is_popup_page(instance: Instance, url: str) -> bool:
    parts = urlsplit(url)
    return parts.path == POPUP_PAGE and parts.hostname == accounts_host(instance.frontend_api_host)


def at_our_address(ctx: Context, url: str) -> str:
    """Returns the URL to which a browser is led, which is another one for a popup in development."""
    if not ctx.instance.is_development or not is_popup_page(ctx.instance, url):
        return url
    query = urlsplit(url).query
    return f"{ctx.public_url}{POPUP_PAGE}{'?' if query else ''}{query}"
