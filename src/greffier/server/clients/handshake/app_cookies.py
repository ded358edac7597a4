"""The cookies of the application's own host, as the handshake, the refresh and production answers set them.
Both names hold the same value: one for today's SDKs, one for those of 2022-23."""

from __future__ import annotations

from greffier.server.web.http.cookies import delete_cookie, set_cookie
from greffier.server.web.instance.instance import Instance

DEV_BROWSER = "__clerk_db_jwt"
ONE_YEAR = 365 * 24 * 3600
"""Seconds."""


def dev_browser_names(instance: Instance) -> tuple[str, str]:
    """The cookies of the development browser, for scripts that set them."""
    return f"{DEV_BROWSER}_{instance.cookie_suffix}", DEV_BROWSER


class AppCookies:
    """Makes Set-Cookie lines for one instance.

    Args:
        secure: whether the application is reached by https.
        domain: the parent domain that the application shares with the Frontend API; `None` for host-only.
    """

    def __init__(self, instance: Instance, *, secure: bool, domain: str | None) -> None:
        self._suffix = instance.cookie_suffix
        self._secure = secure
        self._domain = domain

    def _names(self, name: str) -> tuple[str, str]:
        return f"{name}_{self._suffix}", name

    def client_uat(self, seconds: int) -> list[str]:
        """The time of the client's last change, in seconds; 0 says signed out."""
        return [
            set_cookie(name, str(seconds), max_age=ONE_YEAR, domain=self._domain, secure=self._secure)
            for name in self._names("__client_uat")
        ]

    def dev_browser(self, token: str) -> list[str]:
        return [
            set_cookie(name, token, max_age=ONE_YEAR, secure=self._secure)
            for name in self._names(DEV_BROWSER)
        ]

    def session(self, jwt: str) -> list[str]:
        """SDKs read the session token from the last line whose name starts with `__session`."""
        return [
            set_cookie(name, jwt, max_age=ONE_YEAR, secure=self._secure) for name in self._names("__session")
        ]

    def no_session(self) -> list[str]:
        return [delete_cookie(name, secure=self._secure) for name in self._names("__session")]

    def refresh_token(self, token: str) -> list[str]:
        name = self._names("__refresh")[0]
        return [set_cookie(name, token, max_age=ONE_YEAR, secure=self._secure, http_only=True)]

    def no_handshake(self) -> list[str]:
        return [
            delete_cookie(name, domain=self._domain, secure=self._secure)
            for name in ("__clerk_handshake", "__clerk_handshake_nonce")
        ]
