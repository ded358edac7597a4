"""Phone numbers as an application's backend sees them. Those operations that begin with a user, or
may concern second factors, are in `users/phone_numbers/`."""

from __future__ import annotations

from greffier.server.identifications import changes, claims
from greffier.server.identifications.phone_numbers.countries import (
    InstanceCommunication,
    block_countries,
    get_communication,
)
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.requests import CommunicationPatch
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.identifications.resources import CodeVerification, code_verification
from greffier.server.verifications.requests import AttemptRequest
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


@backend_api.get("/v1/phone_numbers/{phone_number_id}")
async def get_phone_number(ctx: Context, phone_number_id: str) -> PhoneNumber:
    found = await changes.get_identification(ctx, KIND, phone_number_id)
    return phone_number_resource(found, now=ctx.now)


@backend_api.delete("/v1/phone_numbers/{phone_number_id}")
async def delete_phone_number(ctx: Context, phone_number_id: str) -> DeletedObject:
    found = await changes.lock_identification(ctx, KIND, phone_number_id)
    await claims.delete(ctx, found.row)
    return DeletedObject(id=phone_number_id, object=KIND.name)


@backend_api.post("/v1/phone_numbers/{phone_number_id}/prepare_verification")
async def prepare_phone_number_verification(ctx: Context, phone_number_id: str) -> CodeVerification:
    return code_verification(await changes.send_code_to(ctx, KIND, phone_number_id, "phone_code"))


@backend_api.post("/v1/phone_numbers/{phone_number_id}/attempt_verification")
async def attempt_phone_number_verification(
    ctx: Context, phone_number_id: str, params: AttemptRequest
) -> CodeVerification:
    attempted = await changes.attempt_code_for(
        ctx, KIND, phone_number_id, params.verification_id, params.code
    )
    return code_verification(attempted)


@backend_api.get("/v1/instance/communication")
async def get_instance_communication(ctx: Context) -> InstanceCommunication:
    return await get_communication(ctx)


@backend_api.patch("/v1/instance/communication")
async def update_instance_communication(ctx: Context, params: CommunicationPatch) -> InstanceCommunication:
    if params.blocked_country_codes is None:
        return await get_communication(ctx)
    return await block_countries(ctx, params.blocked_country_codes)
