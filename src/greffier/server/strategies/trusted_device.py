"""A key in a device of the user, which its native app unlocks by biometry: one factor, never two."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from greffier.server import errors
from greffier.server.strategies.strategy import Strategy, Subject
from greffier.server.users.trusted_devices.challenges import STRATEGY as NAME
from greffier.server.users.trusted_devices.use import ask_for_device, owner_of_used, verify_device
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


class TrustedDeviceRequest(msgspec.Struct, kw_only=True):
    trusted_device_id: str | None = None


class TrustedDeviceProof(msgspec.Struct, kw_only=True):
    """`signature`: base64url of the signature of `client_data`, in the form of JWS (RFC 7518 section 3.4)."""

    trusted_device_id: str | None = None
    client_data: str | None = None
    signature: str | None = None
    algorithm: str | None = None


class TrustedDevice(Strategy):
    """Signs in without an identifier. That a device was unlocked is the word of its app, so that it takes the
    place of no second factor."""

    name: ClassVar[str] = NAME
    identifies = True
    guessable = False

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        device_id = subject.rest.read(TrustedDeviceRequest).trusted_device_id
        if not device_id:
            raise errors.invalid_params(errors.param_missing("trusted_device_id"))
        return await ask_for_device(ctx, subject.owner_id or "", device_id)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        proof = evidence.read(TrustedDeviceProof)
        names = ("trusted_device_id", "client_data", "signature", "algorithm")
        if missing := [name for name in names if not getattr(proof, name)]:
            raise errors.invalid_params(*(errors.param_missing(name) for name in missing))
        if proof.algorithm != "ES256":
            raise errors.invalid_params(errors.param_value_invalid("algorithm", "another"))
        return await verify_device(
            ctx,
            subject.owner_id or "",
            verification_id,
            device_id=proof.trusted_device_id or "",
            client_data=proof.client_data or "",
            signature=proof.signature or "",
        )

    async def user_id_of(self, ctx: Context, verification: VerificationRow) -> str | None:
        return await owner_of_used(ctx, verification)


STRATEGY = TrustedDevice()
