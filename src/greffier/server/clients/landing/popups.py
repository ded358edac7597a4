"""The page on which a popup ends that was sent to another site. Browser SDKs know its host: `accounts.`"""

from __future__ import annotations

from urllib.parse import urlsplit

from greffier.server.web.http.hosts import accounts_host
from greffier.server.web.instance.instance import Instance

POPUP_PAGE = "/popup-callback"


def is_popup_page(instance: Instance, url: str) -> bool:
    parts = urlsplit(url)
    return parts.path == POPUP_PAGE and parts.hostname == accounts_host(instance.frontend_api_host)
