"""The hosted sign-in, sign-up and profile pages: they mount the official UI, which is unmodified.

The UI routes below their paths by itself (`/sign-in/factor-one`), so every path below is the same page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from greffier.server import errors
from greffier.server.admission.sign_in_tokens import check_ticket
from greffier.server.clients.dev_browser import (
    bind_to_client,
    cookie_of,
    create_dev_browser,
    find_dev_browser,
)
from greffier.server.clients.handshake.app_cookies import AppCookies
from greffier.server.clients.identity import find_client, presented_token
from greffier.server.hosted_pages.assets.npm_packages import default_directory
from greffier.server.hosted_pages.mounting import (
    destination_patterns,
    mount_path,
    primary_page,
    require_known_destinations,
)
from greffier.server.hosted_pages.page_scripts import page_scripts
from greffier.server.hosted_pages.rendering import BROWSER_SDK, BROWSER_SDK_WITH_REDIRECT, CAPTCHA_FRAME
from greffier.server.hosted_pages.responses import page
from greffier.server.instances.environment import application_url, next_urls
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.users.lookup import find_user
from greffier.server.users.resources import public_data_of_users
from greffier.server.versions import NEWEST
from greffier.server.web.context import Context, Services
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.incoming import read_request
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance

TICKET = "__clerk_ticket"


class AccountPage(msgspec.Struct, frozen=True):
    """One hosted page: its path and the component that fills it."""

    name: str
    component: str
    title: str
    signed_in: bool = False
    """Only for signed-in users."""
    parameters: tuple[str, ...] = ()
    """The required parameters of its address."""
    organizations: bool = False
    """It is there where organizations are switched on."""
    template: str = "account.html"
    policy: str = BROWSER_SDK
    """Content-Security-Policy."""


ACCOUNT_PAGES = (
    AccountPage("sign-in", "SignIn", "Sign in"),
    AccountPage("sign-up", "SignUp", "Sign up"),
    AccountPage("user", "UserProfile", "Your account", signed_in=True),
    AccountPage("organization", "OrganizationProfile", "Organization", signed_in=True, organizations=True),
    AccountPage(
        "create-organization", "CreateOrganization", "New organization", signed_in=True, organizations=True
    ),
    AccountPage("oauth-verification", "", "Confirm that it is you", template="verification.html"),
    AccountPage(
        "oauth-consent",
        "OAuthConsent",
        "Consent",
        signed_in=True,
        policy=BROWSER_SDK_WITH_REDIRECT,
        parameters=("client_id",),
    ),
)


class Accounts:
    """Answers the hosted account pages."""

    def __init__(self, services: Services) -> None:
        self._services = services
        chosen = services.settings.assets_directory
        self._assets = Path(chosen) if chosen else default_directory()

    async def show(self, request: Request, account: AccountPage) -> Response:
        """The page with the browser SDK in it.

        Raises:
            ApiError: 403 when a parameter would send the browser to an origin that is not allowed.
        """
        info = read_request(request.scope)
        instance = self._services.ports.instances.by_host(info.host)
        if instance is None or (account.organizations and not instance.settings.organizations.enabled):
            raise errors.route_not_found()
        if missing := [name for name in account.parameters if not info.query_value(name)]:
            raise errors.bad_request(f"An application opens this page, with {missing[0]} in its address.")
        require_known_destinations(instance, info)
        if elsewhere := primary_page(instance, info, request.url.query):
            return elsewhere
        mount = mount_path(self._services.settings, info)
        response = page(
            account.template,
            policy=(CAPTCHA_FRAME if instance.settings.captcha.enabled else "") + account.policy,
            title=account.title,
            application_name=instance.settings.application_name,
            publishable_key=instance.publishable_key,
            mount=mount,
            scripts=page_scripts(self._assets, account.component),
            boot=_boot(instance, account, mount) | {"ticket": await self._ticket(info, instance, account)},
        )
        for line in await self._dev_browser_cookies(info, instance):
            response.headers.append("set-cookie", line)
        return response

    async def _ticket(
        self, info: RequestInfo, instance: Instance, account: AccountPage
    ) -> dict[str, Any] | None:
        """The user that a link's ticket signs in, so that the page can ask before it replaces the present
        user (login CSRF); `None` without a valid ticket. The ticket's holder can sign in as that user anyway.
        """
        ticket = info.query_value(TICKET)
        if account.component != "SignIn" or not ticket:
            return None
        async with self._services.database.transaction() as db:
            ctx = Context(self._services, db, instance, info, NEWEST)
            try:
                token = await check_ticket(ctx, ticket)
            except errors.ApiError:
                return None  # the component says so
            user = await find_user(ctx, token.user_id)
            people = await public_data_of_users(ctx, [user] if user else [])
        name = people[user.id].identifier if user else None
        return {"user": token.user_id, "name": name or token.user_id, "actor": token.actor is not None}

    async def _dev_browser_cookies(self, info: RequestInfo, instance: Instance) -> list[str]:
        """A development browser that scripts can read: without it the browser SDK cannot link to another
        origin, and on hosts like ours it makes none."""
        if not instance.is_development:
            return []
        # Of localhost also for pages of http, which share the host and could not replace a secure cookie.
        cookies = AppCookies(instance, secure=info.secure and info.hostname != "localhost", domain=None)
        given = cookie_of(instance, info)
        async with self._services.database.transaction() as db:
            ctx = Context(self._services, db, instance, info, NEWEST)
            if secret := presented_token(ctx):
                ctx.client = await find_client(ctx, secret)
            known = await find_dev_browser(ctx, given) if given else None
            if given is None or known is None:
                return cookies.dev_browser(await create_dev_browser(ctx))
            await bind_to_client(ctx, known)
            return cookies.dev_browser(given)


async def is_signed_in(services: Services, instance: Instance, info: RequestInfo) -> bool:
    """Whether the browser's client holds a session that is live."""
    async with services.database.transaction() as db:
        ctx = Context(services, db, instance, info, NEWEST)
        secret = presented_token(ctx)
        client = await find_client(ctx, secret) if secret else None
        return client is not None and bool(await live_sessions(ctx, client.id))


def _default_destinations(instance: Instance, mount: str) -> dict[str, str]:
    """The default destinations: the application, else the profile; never a page of ours that would only
    redirect.
    """
    profile = f"{mount}/user"
    home = instance.settings.home_url or application_url(instance) or profile
    urls = next_urls(instance.settings, home)
    onward = {f"{mount}{path}" for path in ("", "/", "/sign-in", "/sign-up")}
    return {
        name: profile if hostname_of(parts.netloc) in instance.hosts and parts.path in onward else url
        for name, url in urls.items()
        for parts in [urlsplit(url)]
    }


def _boot(instance: Instance, account: AccountPage, mount: str) -> dict[str, Any]:
    """The data for the script of the page."""
    return {
        "component": account.component,
        "mount": mount,
        "path": f"{mount}/{account.name}",
        "signIn": f"{mount}/sign-in",
        "signUp": f"{mount}/sign-up",
        "signedIn": account.signed_in,
        "after": _default_destinations(instance, mount),
        "destinations": destination_patterns(instance),
        "singleSession": instance.settings.session.single_session,
    }
