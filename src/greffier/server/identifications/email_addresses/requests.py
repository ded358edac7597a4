"""What the doors of email addresses accept on the wire."""

from __future__ import annotations

import msgspec


class EmailAddressRequest(msgspec.Struct, kw_only=True):
    email_address: str


class PrepareRequest(msgspec.Struct, kw_only=True):
    """What else the strategy needs, it reads itself."""

    strategy: str


class EmailAddressPatch(msgspec.Struct, kw_only=True):
    verified: bool | None = None
    primary: bool | None = None
    notify_primary_email_address_changed: bool | None = None


class AttemptRequest(msgspec.Struct, kw_only=True):
    verification_id: str
    code: str
