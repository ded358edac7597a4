"""Wire resource of a sign-up."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.identifications.kinds import kinds, verifiable_kinds, with_fields_of_kinds
from greffier.server.sign_ups.attempts import status_of
from greffier.server.sign_ups.flow import verification_of, verifications_of
from greffier.server.sign_ups.requirements import requirements
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.users.external_accounts.accounts import KIND as EXTERNAL_ACCOUNT
from greffier.server.verifications.resources import Verification, verification_resource, verification_shown
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class SignUpVerification(Verification, kw_only=True):
    """A verification and what to do next about it."""

    next_action: Literal["needs_prepare", "needs_attempt", ""]
    supported_strategies: list[str]


class SignUp(msgspec.Struct, kw_only=True):
    """Contract: `Client.SignUp`. `has_password` is for browser SDKs, `password_enabled` the contract."""

    object: Literal["sign_up_attempt"] = "sign_up_attempt"
    id: str
    status: str
    required_fields: list[str]
    optional_fields: list[str]
    missing_fields: list[str]
    unverified_fields: list[str]
    verifications: dict[str, Verification | None]
    username: str | None = None
    email_address: str | None = None
    phone_number: str | None = None
    web3_wallet: str | None = None
    password_enabled: bool
    has_password: bool
    first_name: str | None
    last_name: str | None
    unsafe_metadata: dict[str, Any]
    public_metadata: dict[str, Any]
    custom_action: bool = False
    external_id: str | None = None
    created_session_id: str | None
    created_user_id: str | None
    abandon_at: int
    legal_accepted_at: int | None
    locale: str | None


def _next_action(shown: Verification) -> Literal["needs_prepare", "needs_attempt", ""]:
    match shown.status:
        case "verified":
            return ""
        case "unverified":
            return "needs_attempt"
        case _:
            return "needs_prepare"


def _shown(
    ctx: Context, row: SignUpRow, kind: str, verification: VerificationRow | None
) -> SignUpVerification | None:
    # Nothing until it is prepared: the browser components do not prepare what is shown as unverified.
    if row.value_of(kind) is None or verification is None:
        return None
    shown = verification_resource(verification, now=ctx.now, with_client=True)
    return SignUpVerification(
        **msgspec.structs.asdict(shown),
        next_action=_next_action(shown),
        supported_strategies=list(ctx.instance.settings.attribute(kind).verifications),
    )


def _identifiers(row: SignUpRow) -> dict[str, Any]:
    return {kind.name: row.value_of(kind.name) for kind in kinds()}


async def sign_up_resource(ctx: Context, row: SignUpRow) -> SignUp:
    found = await verifications_of(ctx, row)
    needs = requirements(ctx, row, found)
    verifications: dict[str, Verification | None] = {
        kind.name: _shown(ctx, row, kind.name, found.get(kind.name)) for kind in verifiable_kinds()
    }
    verifications[EXTERNAL_ACCOUNT] = verification_shown(
        await verification_of(ctx, row, EXTERNAL_ACCOUNT), now=ctx.now
    )
    return with_fields_of_kinds(SignUp, plural=False)(
        id=row.id,
        status=status_of(row, ctx.now),
        required_fields=needs.required,
        optional_fields=needs.optional,
        missing_fields=needs.missing,
        unverified_fields=needs.unverified,
        verifications=verifications,
        **_identifiers(row),
        password_enabled=row.password_digest is not None,
        has_password=row.password_digest is not None,
        first_name=row.first_name,
        last_name=row.last_name,
        unsafe_metadata=row.unsafe_metadata,
        public_metadata=row.public_metadata or {},
        created_session_id=row.created_session_id,
        created_user_id=row.created_user_id,
        abandon_at=row.abandon_at,
        legal_accepted_at=row.legal_accepted_at,
        locale=row.locale,
    )
