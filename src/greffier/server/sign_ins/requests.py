"""Request structs of sign-ins."""

from __future__ import annotations

import msgspec


class SignInRequest(msgspec.Struct, kw_only=True):
    """`identifier` is `None` when it is empty."""

    strategy: str | None = None
    identifier: str | msgspec.UnsetType | None = msgspec.UNSET
    ticket: str | None = None
    transfer: bool | None = None
    sign_up_if_missing: bool | None = None


class ResetPasswordRequest(msgspec.Struct, kw_only=True):
    password: str
    sign_out_of_other_sessions: bool | None = None
