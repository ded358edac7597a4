"""The states of a sign-up: fields come in, an address is verified, a user and a session come out."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.admission.invitations import accept_invitation
from greffier.server.delivery.addresses import canonical
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.identifications.emails import (
    add_email_address,
    read_email_address,
    require_unclaimed,
)
from greffier.server.identifications.notices import notice_if_taken
from greffier.server.sessions.lifecycle import create_session
from greffier.server.sign_ups import attempts
from greffier.server.sign_ups.requirements import requirements
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.strategies import strategies
from greffier.server.strategies.strategy import Evidence, Strategy, Subject
from greffier.server.users.creation import insert_user, new_user
from greffier.server.users.passwords.policy import hash_new_password, password_problems
from greffier.server.users.profile.metadata import check_size
from greffier.server.users.profile.names import name_problems
from greffier.server.users.profile.usernames import read_username
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.tables import VerificationRow
from greffier.server.verifications.transfers import take_transfer
from greffier.server.web.context import Context
from greffier.server.web.mailing import require_reachable


class SignUpFields(msgspec.Struct, kw_only=True):
    """What a person can give; an absent field stays as it is, `None` takes it back."""

    email_address: str | msgspec.UnsetType | None = msgspec.UNSET
    username: str | msgspec.UnsetType | None = msgspec.UNSET
    password: str | msgspec.UnsetType | None = msgspec.UNSET
    first_name: str | msgspec.UnsetType | None = msgspec.UNSET
    last_name: str | msgspec.UnsetType | None = msgspec.UNSET
    unsafe_metadata: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    legal_accepted: bool | msgspec.UnsetType | None = msgspec.UNSET
    locale: str | msgspec.UnsetType | None = msgspec.UNSET


async def read_fields(ctx: Context, fields: SignUpFields) -> dict[str, Any]:
    """Check every field and hash the password; what to change of the row.

    All problems are told at once, and nothing is written or locked yet.

    Raises:
        ApiError: 422 with an entry for every field that is not accepted.
    """
    changes: dict[str, Any] = {}
    problems: list[ErrorItem] = name_problems(fields.first_name, fields.last_name)
    for name in ("first_name", "last_name", "locale"):
        value = getattr(fields, name)
        if value is not msgspec.UNSET:
            changes[name] = value or None
    if fields.email_address is not msgspec.UNSET:
        try:
            changes["email_address"] = await _read_email(ctx, fields.email_address)
        except ApiError as error:
            problems.extend(error.items)
    # Forms send the empty string for a field that the instance does not have.
    if isinstance(fields.username, str) or (
        fields.username is None and ctx.instance.settings.attribute("username").enabled
    ):
        try:
            changes["username"] = await read_username(ctx, fields.username)
        except ApiError as error:
            problems.extend(error.items)
    if isinstance(fields.password, str):
        problems.extend(await password_problems(ctx, fields.password))
    if problems:
        raise errors.invalid_params(*problems)
    if fields.unsafe_metadata is not msgspec.UNSET:
        changes["unsafe_metadata"] = fields.unsafe_metadata or {}
        check_size({"unsafe_metadata": changes["unsafe_metadata"]})
    if isinstance(fields.legal_accepted, bool):
        changes["legal_accepted_at"] = ctx.now if fields.legal_accepted else None
    if isinstance(fields.password, str):
        changes["password_digest"] = await hash_new_password(ctx, fields.password, check=False)
    return changes


async def _read_email(ctx: Context, text: str | None) -> str | None:
    if not text:
        return None
    address = read_email_address(text)
    require_reachable(ctx, address)
    if not ctx.instance.settings.attack_protection.enumeration_protection:
        await require_unclaimed(ctx, address)
    return address


async def apply(ctx: Context, row: SignUpRow, changes: dict[str, Any]) -> SignUpRow:
    """Write the changes. Another address must be verified anew, unless they bring its verification."""
    if "email_address" in changes and changes["email_address"] != row.email_address:
        changes = {"email_verification_id": None} | changes
    return await complete_if_possible(ctx, await attempts.save(ctx, row, **changes))


async def verification_of(ctx: Context, row: SignUpRow) -> VerificationRow | None:
    """The verification of the address that the sign-up has now."""
    if row.email_verification_id is None or row.email_address is None:
        return None
    found = await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=row.email_verification_id)
    return found if found is not None and found.proves(canonical(row.email_address)) else None


def _strategy_for_email(ctx: Context, name: str) -> Strategy:
    if name not in ctx.instance.settings.attribute("email_address").verifications:
        raise errors.strategy_invalid(name)
    return strategies()[name]


def _require_email(row: SignUpRow) -> str:
    if row.email_address is None:
        raise errors.invalid_params(errors.param_missing("email_address"))
    return row.email_address


async def prepare(ctx: Context, row: SignUpRow, strategy: str, redirect_url: str | None = None) -> SignUpRow:
    """Start verifying the address.

    Raises:
        ApiError: 422 for a strategy that is not on, or without an address; 400 when it is verified already.
    """
    locked = await attempts.lock(ctx, row)
    verification = await verification_of(ctx, locked)
    if verification is not None and verification.status == "verified":
        raise errors.verification_already_verified()
    chosen = _strategy_for_email(ctx, strategy)
    address = _require_email(locked)
    subject = Subject(
        address=address,
        owner_id=locked.id,
        redirect_url=redirect_url,
        notice=await notice_if_taken(ctx, address),
    )
    prepared = await chosen.prepare(ctx, subject)
    return await attempts.save(ctx, locked, email_verification_id=prepared.id)


async def attempt(ctx: Context, row: SignUpRow, strategy: str, evidence: Evidence) -> SignUpRow:
    """Check the proof; a sign-up that has everything then becomes a user."""
    locked = await attempts.lock(ctx, row)
    subject = Subject(address=_require_email(locked))
    await _strategy_for_email(ctx, strategy).attempt(ctx, subject, locked.email_verification_id, evidence)
    return await complete_if_possible(ctx, await attempts.save(ctx, locked))


async def transfer(ctx: Context, row: SignUpRow, changes: dict[str, Any]) -> SignUpRow:
    """Write the changes of a sign-up that begins with the address which this client proved in a sign-in.

    Raises:
        ApiError: 400 when there is no such address; 422 when somebody was given it meanwhile.
    """
    address, verification = await take_transfer(ctx)
    await require_unclaimed(ctx, address)
    changes = changes | {"email_address": address, "email_verification_id": verification.id}
    return await complete_if_possible(ctx, await attempts.save(ctx, row, **changes))


async def complete_if_possible(ctx: Context, row: SignUpRow) -> SignUpRow:
    """Make the user and the session once nothing is missing.

    Raises:
        ApiError: 422 `form_identifier_exists` when somebody else was given the address meanwhile; 400 when
            the invitation was used or revoked meanwhile, or has expired.
    """
    verification = await verification_of(ctx, row)
    if not requirements(ctx.instance.settings, row, verification).fulfilled:
        return row
    if row.invitation_id is not None:
        await accept_invitation(ctx, row.invitation_id)
    user_id = await _create_user(ctx, row, verification)
    session = await create_session(ctx, user_id, row.client_id)
    ctx.authentication_strategy = verification.strategy if verification else "password"
    return await attempts.save(
        ctx, row, status="complete", created_user_id=user_id, created_session_id=session.id
    )


async def _create_user(ctx: Context, row: SignUpRow, verification: VerificationRow | None) -> str:
    user = new_user(
        ctx,
        username=row.username,
        first_name=row.first_name,
        last_name=row.last_name,
        locale=row.locale,
        password_digest=row.password_digest,
        password_updated_at=ctx.now if row.password_digest else None,
        unsafe_metadata=row.unsafe_metadata,
        public_metadata=row.public_metadata or {},
        legal_accepted_at=row.legal_accepted_at,
    )
    await insert_user(ctx, user)
    if row.email_address is not None:
        await add_email_address(ctx, user.id, row.email_address, verification=verification)
    return user.id
