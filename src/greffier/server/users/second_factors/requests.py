"""Request structs of second factors."""

from __future__ import annotations

import msgspec


class CodeRequest(msgspec.Struct, kw_only=True):
    code: str | None = None


class VerifyTotpRequest(msgspec.Struct, kw_only=True):
    code: str
