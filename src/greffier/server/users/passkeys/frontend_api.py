"""The signed-in user's passkeys, and the origins that may use them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.users.passkeys import own_passkeys
from greffier.server.users.passkeys.registration import begin_registration, finish_registration
from greffier.server.users.passkeys.requests import PasskeyPatch, RegistrationProof
from greffier.server.users.passkeys.resources import FrontendPasskey, frontend_passkey, passkey_resource
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import STRATEGY
from greffier.server.users.passkeys.webauthn_ceremonies.relying_party import related_origins
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


class WebAuthn(msgspec.Struct):
    """Contract: `WellKnown.WebAuthn`."""

    origins: list[str]


@frontend_api.get("/.well-known/webauthn", no_envelope=True, from_memory=True)
async def get_web_authn_related_origins(ctx: Context) -> WebAuthn:
    """Browsers ask for it at the application's domain (WebAuthn Level 3 section 5.11)."""
    return WebAuthn(related_origins(ctx.instance))


@frontend_api.post("/v1/me/passkeys", limit=per_address(5), reverification=REVERIFIED)
async def post_passkey(ctx: Context) -> FrontendPasskey:
    caller = await ctx.require_session()
    row, verification = await begin_registration(ctx, caller)
    return await passkey_resource(ctx, row, verification)


@frontend_api.get("/v1/me/passkeys/{passkey_id}")
async def read_passkey(ctx: Context, passkey_id: str) -> FrontendPasskey:
    caller = await ctx.require_session()
    return await passkey_resource(ctx, await own_passkeys.get_own(ctx, caller.user_id, passkey_id))


@frontend_api.patch("/v1/me/passkeys/{passkey_id}")
async def patch_passkey(ctx: Context, passkey_id: str, params: PasskeyPatch) -> FrontendPasskey:
    caller = await ctx.require_session()
    return frontend_passkey(await own_passkeys.rename(ctx, caller.user_id, passkey_id, params.name))


@frontend_api.delete("/v1/me/passkeys/{passkey_id}", reverification=REVERIFIED)
async def delete_passkey(ctx: Context, passkey_id: str) -> DeletedObject:
    caller = await ctx.require_session()
    await own_passkeys.delete_own(ctx, caller, passkey_id)
    return DeletedObject(id=passkey_id, object="passkey")


@frontend_api.post("/v1/me/passkeys/{passkey_id}/attempt_verification", limit=per_address(3))
async def attempt_passkey_verification(
    ctx: Context, passkey_id: str, params: RegistrationProof
) -> FrontendPasskey:
    caller = await ctx.require_session()
    if params.strategy not in (None, STRATEGY):
        raise errors.strategy_invalid(params.strategy)
    credential = params.public_key_credential or ""
    return frontend_passkey(await finish_registration(ctx, caller, passkey_id, credential))
