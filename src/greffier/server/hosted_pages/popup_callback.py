"""The page on which a popup ends that was sent to another site: it tells the page that opened it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from greffier.server import errors
from greffier.server.hosted_pages.responses import page
from greffier.server.web.context import Services
from greffier.server.web.http.incoming import read_request
from greffier.server.web.http.redirects import require_redirect


async def popup_callback(services: Services, request: Request) -> Response:
    """It is served on the host that it is asked for on: SDKs listen to the origin of `accounts.` alone. The
    session is told to no other origin than that of the page to return to, and that is an allowed one.

    Raises:
        ApiError: 400 without a page to return to, 403 when it is not of an allowed origin.
    """
    info = read_request(request.scope)
    instance = services.ports.instances.by_host(info.host)
    if instance is None:
        raise errors.route_not_found()
    return_url = require_redirect(instance, info.query_value("return_url"))
    session_id = info.query_value("__clerk_created_session")
    target = urlsplit(return_url)
    return page(
        "popup_callback.html",
        application_name=instance.settings.application_name,
        message={"session": session_id} if session_id else {"return_url": return_url},
        origin=f"{target.scheme}://{target.netloc}",
        return_url=return_url,
    )
