"""Email addresses as an application's backend sees them. Those operations that begin with a user are in
`users/email_addresses/`."""

from __future__ import annotations

from greffier.server.identifications import changes, claims
from greffier.server.identifications.email_addresses.kind import KIND
from greffier.server.identifications.email_addresses.requests import EmailAddressPatch
from greffier.server.identifications.email_addresses.resources import EmailAddress, email_address_resource
from greffier.server.identifications.resources import CodeVerification, code_verification
from greffier.server.verifications.requests import AttemptRequest
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


@backend_api.get("/v1/email_addresses/{email_address_id}")
async def get_email_address(ctx: Context, email_address_id: str) -> EmailAddress:
    found = await changes.get_identification(ctx, KIND, email_address_id)
    return email_address_resource(found, now=ctx.now)


@backend_api.patch("/v1/email_addresses/{email_address_id}")
async def update_email_address(
    ctx: Context, email_address_id: str, params: EmailAddressPatch
) -> EmailAddress:
    changed = await changes.change_identification(
        ctx,
        KIND,
        email_address_id,
        verified=params.verified,
        primary=params.primary,
        notify=bool(params.notify_primary_email_address_changed),
    )
    return email_address_resource(changed, now=ctx.now)


@backend_api.delete("/v1/email_addresses/{email_address_id}")
async def delete_email_address(ctx: Context, email_address_id: str) -> DeletedObject:
    found = await changes.lock_identification(ctx, KIND, email_address_id)
    await claims.delete(ctx, found.row)
    return DeletedObject(id=email_address_id, object=KIND.name)


@backend_api.post("/v1/email_addresses/{email_address_id}/prepare_verification")
async def prepare_email_address_verification(ctx: Context, email_address_id: str) -> CodeVerification:
    return code_verification(await changes.send_code_to(ctx, KIND, email_address_id, "email_code"))


@backend_api.post("/v1/email_addresses/{email_address_id}/attempt_verification")
async def attempt_email_address_verification(
    ctx: Context, email_address_id: str, params: AttemptRequest
) -> CodeVerification:
    attempted = await changes.attempt_code_for(
        ctx, KIND, email_address_id, params.verification_id, params.code
    )
    return code_verification(attempted)
