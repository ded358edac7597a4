"""Signed-in users register a passkey, in two steps: a challenge, and the answer of the authenticator."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import new_secret
from greffier.server.errors import ApiError
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.passkeys.own_passkeys import get_own, registered_of, require_passkeys
from greffier.server.users.passkeys.queries import (
    FIND_BY_CREDENTIAL,
    INSERT,
    LOCK_OF_USER,
    UPDATE,
)
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.users.passkeys.webauthn_ceremonies.authenticators import UNKNOWN, authenticator_name
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import (
    CHALLENGE_LIFETIME,
    begin_challenge,
    expected_of,
    take_challenge,
)
from greffier.server.users.passkeys.webauthn_ceremonies.checks import (
    Registered,
    creation_options,
    read_registration,
    verify_registration,
)
from greffier.server.users.passkeys.webauthn_ceremonies.relying_party import relying_party_id
from greffier.server.users.resources import name_of_account
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.verifications.challenges import conclude_challenge
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession

MAX_PASSKEYS = 10


async def begin_registration(ctx: Context, caller: CurrentSession) -> tuple[PasskeyRow, VerificationRow]:
    """A passkey that counts when its challenge is answered.

    Raises:
        ApiError: 403 when passkeys are not enabled, the user has ten, or the
            caller impersonates the user.
    """
    require_passkeys(ctx)
    if caller.impersonated:
        raise errors.passkey_by_impersonator()
    user = await get_user(ctx, caller.user_id)
    own = await _require_room(ctx, user.id)
    rp_id = relying_party_id(ctx)
    options = creation_options(
        challenge=new_secret(),
        rp_id=rp_id,
        rp_name=ctx.instance.settings.application_name,
        user_id=user.id,
        user_name=await name_of_account(ctx, user),
        timeout_ms=CHALLENGE_LIFETIME,
        own=[one for one in own if one.rp_id == rp_id],
    )
    verification = await begin_challenge(ctx, options, rp_id)
    row = _unfinished(ctx, user, rp_id, verification)
    await ctx.db.insert(INSERT, row)
    return row, verification


def _unfinished(ctx: Context, user: UserRow, rp_id: str, verification: VerificationRow) -> PasskeyRow:
    return PasskeyRow(
        id=new_id("idn", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        user_id=user.id,
        name=UNKNOWN,
        rp_id=rp_id,
        credential_id=None,
        public_key=None,
        sign_count=0,
        transports=[],
        aaguid=None,
        backup_eligible=False,
        backed_up=False,
        verification_id=verification.id,
        last_used_at=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )


async def finish_registration(
    ctx: Context, caller: CurrentSession, passkey_id: str, credential: str
) -> PasskeyRow:
    """Verify the answer of the authenticator. The passkey signs in from then on.

    Raises:
        ApiError: 404 when there is no such passkey; 400 when it is registered already, its challenge is over,
            or the answer is wrong; 403 as `begin_registration`; 422 when the answer is none.
    """
    require_passkeys(ctx)
    if caller.impersonated:
        raise errors.passkey_by_impersonator()
    row = await get_own(ctx, caller.user_id, passkey_id)
    if row.registered:
        raise errors.verification_already_verified()
    answer = read_registration(credential)
    verification = await take_challenge(ctx, row.verification_id)
    try:
        registered = verify_registration(answer, expected_of(ctx, verification))
        await _require_unknown(ctx, registered)
    except ApiError:
        await conclude_challenge(ctx, verification, "failed")
        raise
    await conclude_challenge(ctx, verification, "verified")
    return await _register(ctx, row, registered)


async def _require_unknown(ctx: Context, registered: Registered) -> None:
    """Raises: ApiError: 400 when the credential is registered here already (section 7.1 step 26)."""
    keys = {"instance_id": ctx.instance.id, "credential_id": registered.credential_id}
    if await ctx.db.one(FIND_BY_CREDENTIAL, **keys):
        raise errors.passkey_registration_failure()


async def _register(ctx: Context, row: PasskeyRow, registered: Registered) -> PasskeyRow:
    """The passkey is locked before the user, as in a sign-in, so that requests do not wait for each other."""
    locked = await ctx.db.one(LOCK_OF_USER, instance_id=ctx.instance.id, user_id=row.user_id, id=row.id)
    if locked is None:
        raise errors.not_found("passkey")
    user = await lock_user(ctx, row.user_id)
    await _require_room(ctx, user.id)
    changed = msgspec.structs.replace(
        locked,
        name=authenticator_name(registered.aaguid),
        verification_id=None,
        updated_at=ctx.now,
        **msgspec.structs.asdict(registered),
    )
    try:
        await ctx.db.save(UPDATE, changed, former=locked)
    except UniqueViolation:
        raise errors.passkey_registration_failure(keep_changes=False) from None
    await save_user(ctx, user, passkeys_enabled_at=user.passkeys_enabled_at or ctx.now)
    return changed


async def _require_room(ctx: Context, user_id: str) -> list[PasskeyRow]:
    """Returns the passkeys that the user has.

    Raises:
        ApiError: 403 when there may be no more.
    """
    own = await registered_of(ctx, user_id)
    if len(own) >= MAX_PASSKEYS:
        raise errors.passkey_quota_exceeded(MAX_PASSKEYS)
    return own
