"""The page of a link in a notice: it ends a session after a confirmation, so that mail scanners end none."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from greffier.server import errors
from greffier.server.hosted_pages.mounting import mount_path, primary_page
from greffier.server.hosted_pages.responses import page
from greffier.server.notices.session_links import end_session_by_link, find_link
from greffier.server.versions import NEWEST
from greffier.server.web.context import Context, Services
from greffier.server.web.http.incoming import read_request


async def end_session(services: Services, request: Request) -> Response:
    """GET asks, POST ends the session. The reader needs no session: the token is the proof.

    Raises:
        ApiError: 400 when the link was used, has expired, or is of another instance.
    """
    info = read_request(request.scope)
    instance = services.ports.instances.by_host(info.host)
    if instance is None:
        raise errors.route_not_found()
    token = info.query_value("token") or ""
    if request.method != "POST" and (elsewhere := primary_page(instance, info, request.url.query)):
        return elsewhere
    mount = mount_path(services.settings, info)
    async with services.database.transaction() as db:
        ctx = Context(services, db, instance, info, NEWEST)
        if request.method == "POST":
            await end_session_by_link(ctx, token)
            return RedirectResponse(f"{mount}/unauthorized-sign-in", 303)
        await find_link(ctx, token)
    return page("end_session.html", application_name=instance.settings.application_name)
