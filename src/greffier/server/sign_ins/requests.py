"""Request structs of sign-ins."""

from __future__ import annotations

import msgspec


class SignInRequest(msgspec.Struct, kw_only=True):
    strategy: str | None = None
    identifier: str | None = None
    ticket: str | None = None
    transfer: bool | None = None
    sign_up_if_missing: bool | None = None


class ResetPasswordRequest(msgspec.Struct, kw_only=True):
    password: str
    sign_out_of_other_sessions: bool | None = None
