"""The email addresses that an application's backend gives to a user."""

from __future__ import annotations

from greffier.server.identifications.email_addresses.kind import KIND
from greffier.server.identifications.email_addresses.resources import EmailAddress, email_address_resource
from greffier.server.users import identifications
from greffier.server.users.email_addresses.requests import (
    CreateEmailAddressRequest,
    ReplaceEmailAddressRequest,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api


@backend_api.post("/v1/email_addresses")
async def create_email_address(ctx: Context, params: CreateEmailAddressRequest) -> EmailAddress:
    given = await identifications.add_identification(
        ctx,
        params.user_id,
        KIND.read(ctx, params.email_address, KIND.name),
        verified=bool(params.verified),
        primary=bool(params.primary),
        notify=bool(params.notify_primary_email_address_changed),
    )
    return email_address_resource(given, now=ctx.now)


@backend_api.put("/v1/users/{user_id}/email_address")
async def replace_user_email_address(
    ctx: Context, user_id: str, params: ReplaceEmailAddressRequest
) -> EmailAddress:
    given = await identifications.replace_identifications(
        ctx,
        user_id,
        KIND.read(ctx, params.email_address, KIND.name),
        status=params.identification_status,
        notify=bool(params.notify_primary_email_address_changed),
    )
    return email_address_resource(given, now=ctx.now)
