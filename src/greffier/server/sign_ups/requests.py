"""Request structs of sign-ups."""

from __future__ import annotations

from typing import Any

import msgspec


class SignUpFields(msgspec.Struct, kw_only=True):
    """Fields beside identifiers. An absent field stays as it is; `None` clears it."""

    password: str | msgspec.UnsetType | None = msgspec.UNSET
    first_name: str | msgspec.UnsetType | None = msgspec.UNSET
    last_name: str | msgspec.UnsetType | None = msgspec.UNSET
    unsafe_metadata: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    legal_accepted: bool | msgspec.UnsetType | None = msgspec.UNSET
    locale: str | msgspec.UnsetType | None = msgspec.UNSET


class SignUpRequest(SignUpFields, kw_only=True):
    """`strategy` with a sign-up prepares a verification in the same request; `ticket` is an invitation's."""

    strategy: str | None = None
    ticket: str | None = None
    transfer: bool | None = None
