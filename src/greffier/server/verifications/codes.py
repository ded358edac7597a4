"""One-time codes: made, sent once, attempted a bounded number of times (ASVS 6.5.1, 6.5.5, 6.6.2)."""

from __future__ import annotations

import unicodedata

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_code, new_code, new_secret, same
from greffier.server.delivery.addresses import canonical
from greffier.server.delivery.messages import CodeMessage, Message, Notice, verification_code_message
from greffier.server.store.ids import new_id
from greffier.server.verifications.queries import INSERT, LOCK, UPDATE
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.mailing import send_mail

CODE_LIFETIME = 10 * 60 * 1000
"""Milliseconds; ASVS 6.5.5 allows ten minutes."""
MAX_ATTEMPTS = 5
TEST_CODE = "424242"


def is_test_address(address: str) -> bool:
    """Addresses with the subaddress `+clerk_test` take the fixed code and get no mail."""
    return "+clerk_test" in address.rpartition("@")[0]


async def send_code(
    ctx: Context,
    strategy: str,
    address: str,
    *,
    subject_id: str | None = None,
    message: CodeMessage = verification_code_message,
    notice: Notice | None = None,
) -> VerificationRow:
    """Start a verification and mail its code, in the same transaction. Test addresses get the fixed code and
    no mail.

    Args:
        subject_id: what is verified, unless it points at the verification itself.
        message: what the mail says.
        notice: mail this, which has no code in it. The verification looks like any other, and no code fits.

    Raises:
        ApiError: 429 when the address has been sent too many.
    """
    testing = ctx.instance.test_mode and is_test_address(address)
    code = new_secret() if notice else TEST_CODE if testing else new_code()
    verification_id = new_id("ver", now_ms=ctx.now)
    row = VerificationRow(
        id=verification_id,
        instance_id=ctx.instance.id,
        strategy=strategy,
        status="unverified",
        attempts=0,
        code_hash=hash_code(code, key=ctx.instance.code_key, bound_to=verification_id),
        expire_at=ctx.now + CODE_LIFETIME,
        verified_at_client=None,
        subject_id=subject_id,
        created_at=ctx.now,
        updated_at=ctx.now,
        sent_to=canonical(address),
    )
    await ctx.db.insert(INSERT, row)
    if not testing:
        await send_mail(ctx, _mail(ctx, address, code, message, notice), "proof")
    return row


def _mail(ctx: Context, address: str, code: str, message: CodeMessage, notice: Notice | None) -> Message:
    name = ctx.instance.settings.application_name
    if notice is not None:
        return notice(to_address=address, application_name=name)
    return message(to_address=address, application_name=name, code=code, lifetime_ms=CODE_LIFETIME)


def _read_code(text: str) -> str:
    """A code as it was sent, however it was typed or pasted: digits of any script, in groups, with spaces,
    dashes or invisible characters around them.

    Raises:
        ApiError: 422 `form_param_nil` when nothing is left of it.
    """
    kept = (character for character in text if unicodedata.category(character)[0] in "LMN")
    code = "".join(str(unicodedata.decimal(character, character)) for character in kept)
    if not code:
        raise errors.invalid_params(errors.param_nil("code"))
    return code


async def attempt_code(
    ctx: Context, verification_id: str | None, strategy: str, code: str
) -> VerificationRow:
    """Check a code.

    Raises:
        ApiError: `verification_missing`, `verification_already_verified`, `verification_expired`,
            `verification_failed` (too many attempts) or `form_code_incorrect` (counted as an attempt);
            `form_param_nil` without a code.
    """
    code = _read_code(code)
    row = await _lock(ctx, verification_id)
    if row is None or row.strategy != strategy or row.code_hash is None:
        raise errors.verification_missing()
    attempted = await _try(ctx, row, row.code_hash, code)
    match attempted.status:
        case "verified":
            return attempted
        case "expired":
            raise errors.verification_expired()
        case "failed":
            raise errors.verification_failed(failed_proof=row.status != "failed")
        case _:
            raise errors.code_incorrect()


async def attempt_code_of(ctx: Context, subject_id: str, verification_id: str, code: str) -> VerificationRow:
    """Check a code of a verification that is tracked on its own; its status tells how that went.

    Raises:
        ApiError: 404 when it is not a verification of this subject; 400 when it was verified already; 422
            without a code.
    """
    code = _read_code(code)
    row = await _lock(ctx, verification_id)
    if row is None or row.subject_id != subject_id or row.code_hash is None:
        raise errors.not_found("verification")
    return await _try(ctx, row, row.code_hash, code)


async def _lock(ctx: Context, verification_id: str | None) -> VerificationRow | None:
    """Held until the request ends, so that parallel attempts count one after the other."""
    if not verification_id:
        return None
    return await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=verification_id)


async def _try(ctx: Context, row: VerificationRow, code_hash: str, code: str) -> VerificationRow:
    """The verification after one more attempt, which is not counted when it is over.

    Raises:
        ApiError: 400 `verification_already_verified`.
    """
    if row.status in ("verified", "transferable"):
        raise errors.verification_already_verified()
    if row.status in ("failed", "expired"):
        return row
    if row.expire_at is not None and row.expire_at <= ctx.now:
        return await _save(ctx, row, status="expired")
    attempts = (row.attempts or 0) + 1
    if same(hash_code(code, key=ctx.instance.code_key, bound_to=row.id), code_hash):
        client_id = ctx.client.id if ctx.client else None
        return await _save(ctx, row, status="verified", attempts=attempts, verified_at_client=client_id)
    status = "failed" if attempts >= MAX_ATTEMPTS else row.status
    return await _save(ctx, row, status=status, attempts=attempts)


async def _save(ctx: Context, row: VerificationRow, **changes: object) -> VerificationRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now, **changes)
    await ctx.db.save(UPDATE, changed)
    ctx.client_changed = True
    return changed


async def record_verified(ctx: Context, strategy: str, *, sent_to: str | None = None) -> VerificationRow:
    """A verification that needed no code: an administrator's word, a ticket, a password that was right.

    Args:
        sent_to: the address that the ticket was mailed to, in canonical form.
    """
    row = VerificationRow(
        id=new_id("ver", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        strategy=strategy,
        status="verified",
        attempts=None if strategy in ("admin", "ticket") else 1,
        code_hash=None,
        expire_at=None,
        verified_at_client=ctx.client.id if ctx.client else None,
        subject_id=None,
        created_at=ctx.now,
        updated_at=ctx.now,
        sent_to=sent_to,
    )
    await ctx.db.insert(INSERT, row)
    return row
