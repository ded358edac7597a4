"""Signed-in users enroll a device, in two steps: a challenge, and its signature by the key of the device."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import lock_user
from greffier.server.users.trusted_devices.challenges import (
    ENROLLMENT,
    begin_challenge,
    conclude,
    require_signed,
    take_challenge,
)
from greffier.server.users.trusted_devices.own_devices import devices_of, require_trusted_devices
from greffier.server.users.trusted_devices.public_keys import DeviceKey, read_device_key
from greffier.server.users.trusted_devices.queries import FIND_BY_THUMBPRINT, INSERT
from greffier.server.users.trusted_devices.requests import EnrollmentProof, EnrollmentRequest
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession

MAX_DEVICES = 10


async def prepare(ctx: Context, caller: CurrentSession, params: EnrollmentRequest) -> VerificationRow:
    """A challenge that the device signs to be enrolled.

    Raises:
        ApiError: 403 when trusted devices are not enabled, or the caller impersonates the user; 400 for an
            app that the settings do not name, or a user who has ten devices; 422 for a key that is none;
            409 for one that is enrolled already.
    """
    _require_allowed(ctx, caller, params)
    key = read_device_key(params.public_key_jwk)
    await _require_room(ctx, caller.user_id, key)
    return await begin_challenge(ctx, ENROLLMENT, **_owner(ctx, caller), **_binding(params, key))


async def attempt(ctx: Context, caller: CurrentSession, params: EnrollmentProof) -> TrustedDeviceRow:
    """Verify the signature. The device signs in from then on.

    Raises:
        ApiError: as `prepare`; 400 when there is no such challenge of this session any more, or the signature
            is wrong; 422 when the challenge was for another app or key.
    """
    _require_allowed(ctx, caller, params)
    key = read_device_key(params.public_key_jwk)
    owner = _owner(ctx, caller)
    row = await take_challenge(ctx, _challenge_id(params.client_data), ENROLLMENT, **owner)
    details = row.details or {}
    if any(details.get(name) != value for name, value in _binding(params, key).items()):
        await conclude(ctx, row, "failed")
        raise errors.trusted_device_binding_mismatch()
    await require_signed(ctx, row, key, params.client_data, params.signature)
    await conclude(ctx, row, "verified")
    await lock_user(ctx, caller.user_id)  # so that two at once do not both become the last one
    await _require_room(ctx, caller.user_id, key)
    return await _enroll(ctx, caller.user_id, params, key)


def _require_allowed(ctx: Context, caller: CurrentSession, params: EnrollmentRequest) -> None:
    require_trusted_devices(ctx)
    if caller.impersonated:
        raise errors.trusted_device_by_impersonator()
    if params.app_identifier not in ctx.instance.settings.native.app_identifiers(params.platform):
        raise errors.trusted_device_app_not_configured()


async def _require_room(ctx: Context, user_id: str, key: DeviceKey) -> None:
    keys = {"instance_id": ctx.instance.id, "thumbprint": key.thumbprint}
    if await ctx.db.one(FIND_BY_THUMBPRINT, **keys) is not None:
        raise errors.trusted_device_already_enrolled()
    if len(await devices_of(ctx, user_id)) >= MAX_DEVICES:
        raise errors.too_many_trusted_devices(MAX_DEVICES)


def _owner(ctx: Context, caller: CurrentSession) -> dict[str, str]:
    """The session, so that neither another user nor another browser can use the challenge."""
    return {"user_id": caller.user_id, "session_id": caller.id}


def _binding(params: EnrollmentRequest, key: DeviceKey) -> dict[str, str | None]:
    return {
        "platform": params.platform,
        "app_identifier": params.app_identifier,
        "public_key_thumbprint": key.thumbprint,
    }


def _challenge_id(client_data: str) -> str | None:
    """Only to find the challenge: its text must be the one that was issued."""
    try:
        found = msgspec.json.decode(client_data, type=dict[str, Any]).get("challenge_id")
    except (msgspec.DecodeError, RecursionError):
        raise errors.trusted_device_invalid_client_data() from None
    return found if isinstance(found, str) else None


async def _enroll(ctx: Context, user_id: str, params: EnrollmentProof, key: DeviceKey) -> TrustedDeviceRow:
    row = TrustedDeviceRow(
        id=new_id("tdev", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user_id,
        platform=params.platform,
        app_identifier=params.app_identifier,
        name=(params.name or "").strip() or None,
        public_key=key.jwk,
        thumbprint=key.thumbprint,
        last_used_at=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation:
        raise errors.trusted_device_already_enrolled() from None
    return row
