"""The pages of this server as one ASGI application: accounts, inbox, landing page, avatars, npm files.

Mounted under a path, all of it moves there; `mounting.py` knows where.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from greffier.server import errors
from greffier.server.clients.landing.popups import POPUP_PAGE
from greffier.server.errors import ApiError
from greffier.server.hosted_pages.accounts import ACCOUNT_PAGES, AccountPage, Accounts, is_signed_in
from greffier.server.hosted_pages.assets.npm_packages import default_directory
from greffier.server.hosted_pages.assets.serving import npm_file
from greffier.server.hosted_pages.avatars import avatar, own_picture
from greffier.server.hosted_pages.development_provider import AUTHORIZE, authorize
from greffier.server.hosted_pages.inbox import Inbox
from greffier.server.hosted_pages.mounting import mount_path
from greffier.server.hosted_pages.popup_callback import popup_callback
from greffier.server.hosted_pages.responses import page, refusal, response_of
from greffier.server.hosted_pages.session_ending import end_session
from greffier.server.hosted_pages.unauthorized import unauthorized_sign_in
from greffier.server.notices.session_links import PATH as SESSION_LINK_PATH
from greffier.server.store.database import DatabaseUnavailable
from greffier.server.web.context import Services
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.incoming import read_request
from greffier.server.web.http.reply import error_reply, log_and_refuse

Endpoint = Callable[[Request], Awaitable[Response]]


def create_pages(services: Services) -> ASGIApp:
    """Everything that is no API, at hosts of instances only."""
    inbox, accounts = Inbox(services), Accounts(services)
    refuse = _refusals(services)
    pages = Starlette(
        routes=[
            _get("/", _landing(services)),
            *(
                _get(path, _account(accounts, account))
                for account in ACCOUNT_PAGES
                for path in (f"/{account.name}", f"/{account.name}/{{rest:path}}")
            ),
            _get("/unauthorized-sign-in", _unauthorized_sign_in(services)),
            _get(POPUP_PAGE, _popup_callback(services)),
            Route(SESSION_LINK_PATH, _end_session(services), methods=["GET", "POST"]),
            Route(AUTHORIZE, _development_provider(services), methods=["GET", "POST"]),
            _get("/inbox", inbox.show),
            _get("/inbox/{message_id}", inbox.show_body),
            _get("/avatars/{name}.svg", avatar),
            _get("/avatars/{name}.webp", _own_picture(services)),
            Route("/npm/{path:path}", _npm(services), methods=["GET", "HEAD"]),
        ],
        exception_handlers={
            ApiError: refuse,
            HTTPException: refuse,
            DatabaseUnavailable: refuse,
            Exception: refuse,
        },
    )

    async def at_our_hosts(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        host = request.headers.get("host", "")
        if services.ports.instances.by_host(host) is None:
            await refuse(request, errors.host_not_served(hostname_of(host)))(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return at_our_hosts


def _get(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=["GET"])


def _account(accounts: Accounts, account: AccountPage) -> Endpoint:
    async def show(request: Request) -> Response:
        return await accounts.show(request, account)

    return show


def _landing(services: Services) -> Endpoint:
    async def show(request: Request) -> Response:
        info = read_request(request.scope)
        mount = mount_path(services.settings, info)
        instance = services.ports.instances.by_host(info.host)
        if instance is None:
            raise errors.route_not_found()
        if not services.settings.show_inbox:
            return RedirectResponse(f"{mount}/sign-in", 303)
        return page(
            "landing.html",
            application_name=instance.settings.application_name,
            mount=mount,
            signed_in=await is_signed_in(services, instance, info),
        )

    return show


def _unauthorized_sign_in(services: Services) -> Endpoint:
    async def show(request: Request) -> Response:
        return await unauthorized_sign_in(services, request)

    return show


def _popup_callback(services: Services) -> Endpoint:
    async def show(request: Request) -> Response:
        return await popup_callback(services, request)

    return show


def _end_session(services: Services) -> Endpoint:
    async def show(request: Request) -> Response:
        return await end_session(services, request)

    return show


def _development_provider(services: Services) -> Endpoint:
    async def show(request: Request) -> Response:
        return await authorize(services, request)

    return show


def _own_picture(services: Services) -> Endpoint:
    async def serve(request: Request) -> Response:
        return await own_picture(services, request)

    return serve


def _npm(services: Services) -> Endpoint:
    chosen = services.settings.assets_directory
    directory = Path(chosen) if chosen else default_directory()

    async def serve(request: Request) -> Response:
        instance = services.ports.instances.by_host(request.headers.get("host", ""))
        if instance is None:
            raise errors.route_not_found()
        return await npm_file(request, request.path_params["path"], directory, instance)

    return serve


def _refusals(services: Services) -> Callable[[Request, Exception], Response]:
    """Errors as the APIs write them, or as a page if a person asks."""

    def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = _as_api_error(request, error)
        if not isinstance(error, ApiError):
            error = log_and_refuse(error, request.method, request.url.path)
        try:
            info = read_request(request.scope)
        except ApiError as malformed:
            return response_of(error_reply(malformed))
        return refusal(info, error, mount=mount_path(services.settings, info))

    return refuse


def _as_api_error(request: Request, error: HTTPException) -> ApiError:
    if error.status_code == 405:
        return errors.method_not_allowed((error.headers or {}).get("Allow", "").split(", "))
    return errors.route_not_found()
