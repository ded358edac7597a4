"""Wire resource of external accounts."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.users.external_accounts.queries import of_users
from greffier.server.users.external_accounts.tables import ExternalAccountRow
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.resources import Verification, kind_of, verification_resource
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class ExternalAccount(msgspec.Struct, kw_only=True):
    """Contract: `ExternalAccountWithVerification`. An account identifies its user by itself, so
    `identification_id` is its own id."""

    object: Literal["external_account"] = "external_account"
    id: str
    provider: str
    identification_id: str
    provider_user_id: str
    approved_scopes: str
    email_address: str
    email_address_verified: bool | None
    first_name: str
    last_name: str
    avatar_url: str
    image_url: str | None
    username: str | None
    phone_number: str | None = None
    public_metadata: dict[str, Any] = {}
    label: str | None = None
    created_at: int
    updated_at: int
    verification: Verification


def external_account_resource(
    row: ExternalAccountRow, verification: VerificationRow | None, *, now: int
) -> ExternalAccount:
    """An account whose tokens cannot be refreshed says so, and components offer to connect it once more.

    Args:
        verification: of one that is not connected yet, or is asked for more.
    """
    done = Verification(
        object=kind_of(row.strategy),
        status="verified",
        strategy=row.strategy,
        attempts=None,
        expire_at=row.created_at,
    )
    if row.reconnect_since is not None:
        done.error = msgspec.to_builtins(errors.external_account_missing_refresh_token().items[0])
    return ExternalAccount(
        id=row.id,
        provider=row.strategy,
        identification_id=row.id,
        provider_user_id=row.provider_user_id or "",
        approved_scopes=row.approved_scopes,
        email_address=row.email_address or "",
        email_address_verified=row.email_verified if row.email_address else None,
        first_name=row.first_name or "",
        last_name=row.last_name or "",
        avatar_url=row.image_url or "",
        image_url=row.image_url,
        username=row.username,
        created_at=row.created_at,
        updated_at=row.updated_at,
        verification=done if verification is None else verification_resource(verification, now=now),
    )


async def external_accounts_by_user(ctx: Context, user_ids: list[str]) -> dict[str, list[ExternalAccount]]:
    """Returns the external accounts of these users, with one query and one more for each that is being
    connected."""
    found: dict[str, list[ExternalAccount]] = {}
    if user_ids:
        for row in await ctx.db.select(of_users(ctx.instance.id, user_ids), ExternalAccountRow):
            verification = await _verification(ctx, row)
            if row.connected or verification is not None:
                shown = external_account_resource(row, verification, now=ctx.now)
                found.setdefault(row.user_id, []).append(shown)
    return found


async def _verification(ctx: Context, row: ExternalAccountRow) -> VerificationRow | None:
    """Returns what an account is asked for, if it matters still. One that is connected stays so whatever
    becomes of a request for more, and says only why that failed."""
    if row.verification_id is None:
        return None
    found = await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=row.verification_id)
    matters = found is not None and (found.status == "failed" or not row.connected)
    return found if matters else None
