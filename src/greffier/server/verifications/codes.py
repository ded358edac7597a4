"""One-time codes: attempted a bounded number of times (ASVS 6.5.1, 6.5.5, 6.6.2)."""

from __future__ import annotations

import unicodedata

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_code, same
from greffier.server.verifications.queries import LOCK, UPDATE
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

MAX_ATTEMPTS = 5


def read_code(text: str) -> str:
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
    code = read_code(code)
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
            raise errors.verification_failed(failed_attempt=row.status != "failed")
        case _:
            raise errors.code_incorrect()


async def attempt_code_of(ctx: Context, subject_id: str, verification_id: str, code: str) -> VerificationRow:
    """Check a code of a verification that is tracked on its own; its status tells how that went.

    Raises:
        ApiError: 404 when it is not a verification of this subject; 400 when it was verified already; 422
            without a code.
    """
    code = read_code(code)
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
    return changed
