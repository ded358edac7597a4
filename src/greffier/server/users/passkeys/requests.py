"""Request structs of passkeys."""

from __future__ import annotations

import msgspec


class PasskeyPatch(msgspec.Struct, kw_only=True):
    name: str | None = None


class RegistrationProof(msgspec.Struct, kw_only=True):
    """`public_key_credential`: JSON text (WebAuthn Level 3 section 5.5, `RegistrationResponseJSON`)."""

    strategy: str | None = None
    public_key_credential: str | None = None
