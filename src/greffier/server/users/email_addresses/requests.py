"""The Backend API's requests about email addresses of a user."""

from __future__ import annotations

from typing import Literal

import msgspec


class CreateEmailAddressRequest(msgspec.Struct, kw_only=True):
    """Contract: `CreateEmailAddress`."""

    user_id: str
    email_address: str
    verified: bool | None = None
    primary: bool | None = None
    notify_primary_email_address_changed: bool | None = None


class ReplaceEmailAddressRequest(msgspec.Struct, kw_only=True):
    """Contract: `ReplaceUserEmailAddress`."""

    email_address: str
    identification_status: Literal["verified", "reserved", "unverified"] = "verified"
    notify_primary_email_address_changed: bool | None = None
