"""`Session`: a signed-in session, and its clients and tokens for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from greffier.testing.frontend import FrontendBrowser, cookies_in
from greffier.testing.handles import app_clients
from greffier.testing.handles.users import User
from greffier.testing.hosting.running import RunningServer


class Session:
    """A session of the test server, in a browser of its own.

    `app_url` is the app's own URL; tokens name its origin as their authorized party.
    """

    def __init__(
        self, server: RunningServer, browser: FrontendBrowser, session_id: str, user: User, app_url: str
    ) -> None:
        self.id = session_id
        self.user = user
        self.app_url = app_url
        self._server = server
        self._browser = browser

    @property
    def status(self) -> str:
        """The status by the Backend API now: `active`, `pending`, `revoked`, `ended`, `expired`, ..."""
        return self._server.backend_api("GET", f"/v1/sessions/{self.id}")["status"]

    def token(self, *, template: str | None = None) -> str:
        """A fresh session token, or one from a JWT template, as a browser gets it.

        Raises:
            ServerRefused: the session is over, or there is no such template.
        """
        path = f"/v1/client/sessions/{self.id}/tokens"
        return self._browser.post(f"{path}/{template}" if template else path)["jwt"]

    def activate_organization(self, organization: str | None) -> None:
        """Make one of the user's organizations the active one, or their personal account, as a switcher does.

        Args:
            organization: its id or slug; `None` for the personal account.

        Raises:
            ServerRefused: 404, the user is no member of such an organization.
        """
        path = f"/v1/client/sessions/{self.id}/touch"
        self._browser.post(path, active_organization_id=organization or "", intent="select_org")

    def consent(self, client_id: str, request: Mapping[str, str]) -> str:
        """Allow an OAuth application what it asks for; the URL to which its user is sent back.

        Args:
            request: the parameters of its authorization request.

        Raises:
            ServerRefused: as the consent screen's operation refuses.
        """
        return self._browser.submit(f"/v1/me/oauth/consent/{client_id}", {**request, "consented": "true"})

    def expired_token(self, *, seconds_ago: float = 60) -> str:
        """A token of this session that was good once and has been expired for so long."""
        return self._server.token_of_the_past(self.id, azp=self._browser.origin, seconds_ago=seconds_ago)

    def headers(self) -> dict[str, str]:
        """The header of an API request, with a fresh token."""
        return {"authorization": f"Bearer {self.token()}"}

    def set_cookie_lines(self) -> list[str]:
        """The Set-Cookie lines of a handshake now, for the app's own host."""
        return self._browser.handshake(self.app_url)

    def cookies(self) -> dict[str, str]:
        """The app's cookies as this browser holds them after a handshake: a fresh `__session`,
        `__client_uat`, the development browser, a refresh token, with and without the instance's suffix.

        Once the session is over, they are those of a signed-out browser.
        """
        return cookies_in(self.set_cookie_lines())

    def revoke(self) -> None:
        """End the session as an administrator does: no new token, the last one is good until it expires."""
        self._server.backend_api("POST", f"/v1/sessions/{self.id}/revoke")

    def sign_out(self) -> None:
        """End the session as its user does."""
        self._browser.post(f"/v1/client/sessions/{self.id}/remove")

    def httpx_client(self, app: Any, **options: Any) -> Any:
        """An `httpx.AsyncClient` of an ASGI app, or an `httpx.Client` of a WSGI app, signed in by cookies.

        `options` are those of the client.
        """
        return app_clients.httpx_client(self, app, options)

    def django_client(self, **options: Any) -> Any:
        """A `django.test.Client`, signed in by cookies. `options` are those of the client."""
        return app_clients.django_client(self, options)

    def flask_client(self, app: Any, **options: Any) -> Any:
        """The client of `app.test_client(**options)`, signed in by cookies."""
        return app_clients.flask_client(self, app, options)

    def add_to(self, context: Any, url: str | None = None) -> Any:
        """Sign a Playwright browser context in for the app at `url` (by default `app_url`).

        Returns what `context.add_cookies` does: with Playwright's asynchronous API, await it.
        """
        return app_clients.add_to_context(self, context, url or self.app_url)

    def __repr__(self) -> str:
        return f"<Session {self.id} of {self.user.email_address or self.user.id}>"
