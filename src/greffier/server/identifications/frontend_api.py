"""A user's own email addresses, as browsers see them."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.emails import (
    add_email_address,
    claim,
    require_unclaimed,
    save_email_address,
)
from greffier.server.identifications.emails import delete_email_address as remove_email_address
from greffier.server.identifications.emails import read_email_address as read
from greffier.server.identifications.notices import notice_if_taken
from greffier.server.identifications.queries import GET_OF_USER, OF_USER, EmailWithVerification
from greffier.server.identifications.resources import EmailAddress, email_address_resource
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.verifications.codes import attempt_code, send_code
from greffier.server.verifications.links import STRATEGY as EMAIL_LINK
from greffier.server.verifications.links import send_link
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.mailing import require_reachable
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.deleted import DeletedObject


class EmailAddressRequest(msgspec.Struct, kw_only=True):
    email_address: str


class PrepareRequest(msgspec.Struct, kw_only=True):
    strategy: str
    redirect_url: str | None = None


class AttemptRequest(msgspec.Struct, kw_only=True):
    code: str


async def _own(ctx: Context, email_id: str) -> EmailWithVerification:
    """Raises: ApiError: 401 signed out, 404 when the address is not the caller's."""
    caller = await ctx.require_session()
    found = await ctx.db.one(GET_OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id, id=email_id)
    if found is None:
        raise errors.not_found("email address")
    return found


@frontend_api.get("/v1/me/email_addresses", no_envelope=True)
async def get_email_addresses(ctx: Context) -> list[EmailAddress]:
    caller = await ctx.require_session()
    rows = await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id)
    return [email_address_resource(row, now=ctx.now) for row in rows]


@frontend_api.post("/v1/me/email_addresses")
async def create_email_addresses(ctx: Context, params: EmailAddressRequest) -> EmailAddress:
    caller = await ctx.require_session()
    address = read(params.email_address)
    require_reachable(ctx, address)
    if not ctx.instance.settings.attack_protection.enumeration_protection:
        await require_unclaimed(ctx, address)
    added = await add_email_address(ctx, caller.user_id, address)
    ctx.client_changed = True
    return email_address_resource(added, now=ctx.now)


@frontend_api.get("/v1/me/email_addresses/{email_id}")
async def get_email_address(ctx: Context, email_id: str) -> EmailAddress:
    return email_address_resource(await _own(ctx, email_id), now=ctx.now)


@frontend_api.delete("/v1/me/email_addresses/{email_id}")
async def delete_email_address(ctx: Context, email_id: str) -> DeletedObject:
    found = await _own(ctx, email_id)
    await remove_email_address(ctx, found.email)
    ctx.client_changed = True
    return DeletedObject(id=email_id, object="email_address")


@frontend_api.post("/v1/me/email_addresses/{email_id}/prepare_verification", limit=per_address(5))
async def send_verification_email(ctx: Context, email_id: str, params: PrepareRequest) -> EmailAddress:
    found = await _own(ctx, email_id)
    if params.strategy not in ctx.instance.settings.attribute("email_address").verifications:
        raise errors.strategy_invalid(params.strategy)
    if found.email.claimed and not found.email.reserved:
        raise errors.verification_already_verified()
    verification = await _start(ctx, found.email, params)
    row = await save_email_address(
        ctx,
        msgspec.structs.replace(found.email, verification_id=verification.id, updated_at=ctx.now),
    )
    return email_address_resource(EmailWithVerification(row, verification), now=ctx.now)


async def _start(ctx: Context, email: EmailAddressRow, params: PrepareRequest) -> VerificationRow:
    notice = None if email.claimed else await notice_if_taken(ctx, email.email_address)
    if params.strategy == EMAIL_LINK:
        return await send_link(ctx, email.id, email.email_address, params.redirect_url, notice=notice)
    return await send_code(ctx, params.strategy, email.email_address, notice=notice)


@frontend_api.post("/v1/me/email_addresses/{email_id}/attempt_verification", limit=per_address(3))
async def verify_email_address(ctx: Context, email_id: str, params: AttemptRequest) -> EmailAddress:
    found = await _own(ctx, email_id)
    strategy = found.verification.strategy if found.verification else ""
    verification = await attempt_code(ctx, found.email.verification_id, strategy, params.code)
    row = await claim(ctx, found.email, verification)
    return email_address_resource(EmailWithVerification(row, verification), now=ctx.now)
