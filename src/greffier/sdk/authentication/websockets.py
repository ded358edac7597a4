"""WebSockets that pages open: browsers let any page do that, and send the cookies along (RFC 6455 10.2)."""

import logging

from greffier.sdk.authentication.visit import Visit

_log = logging.getLogger("greffier.sdk")


def comes_from_own_page(visit: Visit) -> bool:
    """Whether a page of the app's own origin, or of an authorized party, opens this WebSocket.

    Browsers always say which page it is. Without that, or from an opaque origin ("null"), cookies say nothing
    about who wants this; a token in the header does, and needs no origin.
    """
    request = visit.request
    origin = request.header("origin")
    if origin is not None and origin in {request.origin, *(visit.options.authorized_parties or ())}:
        return True
    if visit.browser.session_token is not None:
        _log.warning(
            "A WebSocket of a page of %.200r is taken for signed out: the app is at %s. List the page"
            " in authorized_parties, or let the reverse proxy set X-Forwarded-Host and -Proto.",
            origin,
            request.origin,
        )
    return False
