"""Request structs of email addresses."""

from __future__ import annotations

import msgspec


class EmailAddressRequest(msgspec.Struct, kw_only=True):
    email_address: str


class EmailAddressPatch(msgspec.Struct, kw_only=True):
    verified: bool | None = None
    primary: bool | None = None
    notify_primary_email_address_changed: bool | None = None
