"""The instance a request belongs to. Its rows and how they are edited are in `instances/`."""

from __future__ import annotations

import msgspec

from greffier.server.web.instance.settings import InstanceSettings


class Satellite(msgspec.Struct, frozen=True, kw_only=True):
    """Another domain of an instance's application, whose visitors sign in on the primary one.

    `domain` is the application's there, `host` that of its Frontend API. With `proxy_url` the application
    passes requests for it on under that address.
    """

    domain: str
    host: str
    proxy_url: str | None = None

    @property
    def url(self) -> str:
        """The URL of this server on the satellite; without a slash at its end."""
        return self.proxy_url or f"https://{self.host}"

    def covers(self, host: str) -> bool:
        """Whether a host name is the satellite's domain or below it, and so gets its cookies."""
        return host == self.domain or host.endswith("." + self.domain)


class Instance(msgspec.Struct, frozen=True):
    """One tenant of this installation."""

    id: str
    environment: str
    publishable_key: str
    frontend_api_host: str
    domain: str | None
    code_key: str
    settings: InstanceSettings
    issuer: str
    """`iss` of every token: `https://` and the host in the publishable key, whatever proxy is used."""
    cookie_suffix: str
    satellites: tuple[Satellite, ...] = ()
    hosts: frozenset[str] = frozenset()
    """Names at which browsers reach it on its primary domain, without ports."""
    public_url: str | None = None
    """The configured URL of this server for browsers; without a slash at its end."""
    listening_url: str | None = None
    """The URL at which `greffier dev` listens."""

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def test_mode(self) -> bool:
        chosen = self.settings.test_mode
        return self.is_development if chosen is None else chosen
