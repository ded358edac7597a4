"""The page for people whose sign-in was not authorized: what that means, and what they can do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from greffier.server import errors
from greffier.server.hosted_pages.mounting import mount_path, primary_page, require_known_destinations
from greffier.server.hosted_pages.responses import page
from greffier.server.web.context import Services
from greffier.server.web.http.incoming import read_request
from greffier.server.web.http.redirects import with_query


async def unauthorized_sign_in(services: Services, request: Request) -> Response:
    """It reads no cookie and changes nothing, so that any visitor may be redirected there.

    Raises:
        ApiError: 403 when a parameter would send the browser to an origin that is not allowed.
    """
    info = read_request(request.scope)
    instance = services.ports.instances.by_host(info.host)
    if instance is None:
        raise errors.route_not_found()
    require_known_destinations(instance, info)
    if elsewhere := primary_page(instance, info, request.url.query):
        return elsewhere
    mount = mount_path(services.settings, info)
    sign_in_url = instance.settings.sign_in_url or f"{mount}/sign-in"
    if back := info.query_value("redirect_url"):
        sign_in_url = with_query(sign_in_url, redirect_url=back)
    return page(
        "unauthorized.html",
        application_name=instance.settings.application_name,
        support_email=instance.settings.support_email,
        sign_in_url=sign_in_url,
        mount=mount,
    )
