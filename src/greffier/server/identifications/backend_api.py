"""Email addresses as an application's backend sees them. Those operations that begin with a user are in
`users/backend_api.py`."""

from __future__ import annotations

import msgspec

from greffier.server.identifications import changes
from greffier.server.identifications.emails import delete_email_address as remove_email_address
from greffier.server.identifications.resources import (
    CodeVerification,
    EmailAddress,
    code_verification,
    email_address_resource,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


class EmailAddressPatch(msgspec.Struct, kw_only=True):
    verified: bool | None = None
    primary: bool | None = None
    notify_primary_email_address_changed: bool | None = None


class AttemptRequest(msgspec.Struct, kw_only=True):
    verification_id: str
    code: str


@backend_api.get("/v1/email_addresses/{email_address_id}")
async def get_email_address(ctx: Context, email_address_id: str) -> EmailAddress:
    return email_address_resource(await changes.get_address(ctx, email_address_id), now=ctx.now)


@backend_api.patch("/v1/email_addresses/{email_address_id}")
async def update_email_address(
    ctx: Context, email_address_id: str, params: EmailAddressPatch
) -> EmailAddress:
    changed = await changes.change_address(
        ctx,
        email_address_id,
        verified=params.verified,
        primary=params.primary,
        notify=bool(params.notify_primary_email_address_changed),
    )
    return email_address_resource(changed, now=ctx.now)


@backend_api.delete("/v1/email_addresses/{email_address_id}")
async def delete_email_address(ctx: Context, email_address_id: str) -> DeletedObject:
    found = await changes.lock_address(ctx, email_address_id)
    await remove_email_address(ctx, found.email)
    return DeletedObject(id=email_address_id, object="email_address")


@backend_api.post("/v1/email_addresses/{email_address_id}/prepare_verification")
async def prepare_email_address_verification(ctx: Context, email_address_id: str) -> CodeVerification:
    return code_verification(await changes.send_code_to(ctx, email_address_id))


@backend_api.post("/v1/email_addresses/{email_address_id}/attempt_verification")
async def attempt_email_address_verification(
    ctx: Context, email_address_id: str, params: AttemptRequest
) -> CodeVerification:
    attempted = await changes.attempt_code_for(ctx, email_address_id, params.verification_id, params.code)
    return code_verification(attempted)
