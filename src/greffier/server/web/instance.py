"""The instance a request belongs to. Its rows and how they are edited are in `instances/`."""

from __future__ import annotations

import msgspec

from greffier.server.web.instance_settings import InstanceSettings


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

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def test_mode(self) -> bool:
        chosen = self.settings.test_mode
        return self.is_development if chosen is None else chosen
