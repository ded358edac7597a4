"""The signed-in user's trusted devices. Newer SDKs of native apps call them biometric credentials."""

from __future__ import annotations

from greffier.server.users.trusted_devices import enrollment, own_devices
from greffier.server.users.trusted_devices.requests import (
    EnrollmentProof,
    EnrollmentRequest,
    ValidationRequest,
)
from greffier.server.users.trusted_devices.resources import (
    TrustedDevice,
    TrustedDeviceChallenge,
    TrustedDeviceValidation,
    enrollment_challenge,
    trusted_device,
)
from greffier.server.users.trusted_devices.use import is_valid
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api


@frontend_api.get("/v1/me/trusted_devices")
async def list_trusted_devices(ctx: Context) -> list[TrustedDevice]:
    caller = await ctx.require_session()
    return [trusted_device(row) for row in await own_devices.devices_of(ctx, caller.user_id)]


@frontend_api.post("/v1/me/trusted_devices/prepare", limit=per_address(5), reverification=REVERIFIED)
async def prepare_trusted_device(ctx: Context, params: EnrollmentRequest) -> TrustedDeviceChallenge:
    caller = await ctx.require_session()
    return enrollment_challenge(await enrollment.prepare(ctx, caller, params))


@frontend_api.post("/v1/me/trusted_devices/attempt", limit=per_address(3))
async def attempt_trusted_device(ctx: Context, params: EnrollmentProof) -> TrustedDevice:
    caller = await ctx.require_session()
    return trusted_device(await enrollment.attempt(ctx, caller, params))


@frontend_api.delete("/v1/me/trusted_devices/{trusted_device_id}")
async def revoke_trusted_device(ctx: Context, trusted_device_id: str) -> TrustedDevice:
    """Without reverification: it only takes access away, and from a lost device it must go quickly."""
    caller = await ctx.require_session()
    row = await own_devices.revoke(ctx, caller.user_id, trusted_device_id)
    return trusted_device(row, revoked_at=ctx.now)


@frontend_api.post("/v1/client/trusted_devices/validate", limit=per_address(5))
async def validate_trusted_device(ctx: Context, params: ValidationRequest) -> TrustedDeviceValidation:
    await ctx.require_client()
    return TrustedDeviceValidation(valid=await is_valid(ctx, params.trusted_device_id))


@frontend_api.get("/v1/me/biometric_credentials")
async def list_biometric_credentials(ctx: Context) -> list[TrustedDevice]:
    return await list_trusted_devices(ctx)


@frontend_api.post("/v1/me/biometric_credentials/prepare", limit=per_address(5), reverification=REVERIFIED)
async def prepare_biometric_credential(ctx: Context, params: EnrollmentRequest) -> TrustedDeviceChallenge:
    return await prepare_trusted_device(ctx, params)


@frontend_api.post("/v1/me/biometric_credentials/attempt", limit=per_address(3))
async def attempt_biometric_credential(ctx: Context, params: EnrollmentProof) -> TrustedDevice:
    return await attempt_trusted_device(ctx, params)


@frontend_api.delete("/v1/me/biometric_credentials/{trusted_device_id}")
async def revoke_biometric_credential(ctx: Context, trusted_device_id: str) -> TrustedDevice:
    return await revoke_trusted_device(ctx, trusted_device_id)
