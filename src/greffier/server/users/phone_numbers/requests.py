"""Request structs of phone numbers."""

from __future__ import annotations

from typing import Literal

import msgspec


class CreatePhoneNumberRequest(msgspec.Struct, kw_only=True):
    """Contract: `CreatePhoneNumber`."""

    user_id: str
    phone_number: str
    verified: bool | None = None
    primary: bool | None = None
    reserved_for_second_factor: bool | None = None


class ReplacePhoneNumberRequest(msgspec.Struct, kw_only=True):
    """Contract: `ReplaceUserPhoneNumber`."""

    phone_number: str
    identification_status: Literal["verified", "reserved", "unverified"] = "verified"


class PhoneNumberRequest(msgspec.Struct, kw_only=True):
    phone_number: str
    reserved_for_second_factor: bool | None = None


class OwnPhoneNumberPatch(msgspec.Struct, kw_only=True):
    reserved_for_second_factor: bool | None = None
    default_second_factor: bool | None = None


class PhoneNumberPatch(msgspec.Struct, kw_only=True):
    verified: bool | None = None
    primary: bool | None = None
    reserved_for_second_factor: bool | None = None
