"""API keys: made, changed, revoked, and verified when a program shows one."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.machines.api_keys.queries import (
    COUNT_WORKING,
    DELETE_KEY,
    FIND_WORKING_KEY,
    GET_KEY,
    INSERT_KEY,
    LOCK_KEY,
    NOTE_USE,
    REVOKE_KEYS_OF_USER,
    UPDATE_KEY,
    WORKING_WITH_NAME,
)
from greffier.server.machines.api_keys.requests import (
    ApiKeyPatch,
    ApiKeyRequest,
    OwnApiKeyPatch,
    OwnApiKeyRequest,
)
from greffier.server.machines.api_keys.subjects import NO_OWNER, lock_subject
from greffier.server.machines.requests import VerificationRequest
from greffier.server.machines.tables import ApiKeyRow, api_keys
from greffier.server.store.sealing import seal, unseal
from greffier.server.users.lookup import find_user
from greffier.server.web.context import Context
from greffier.server.web.http.documents import MAX_DEPTH, is_too_deep

MAX_KEYS = 1000
"""Working keys of one subject."""
MAX_CLAIMS = 8 * 1024
"""Bytes of a key's claims, as JSON."""
USE_NOTED_EVERY = 60_000
"""Milliseconds. A key may be verified a thousand times a second, and that should not be as many writes."""


async def create_key(
    ctx: Context, params: OwnApiKeyRequest, *, created_by: str | None = None
) -> tuple[ApiKeyRow, str]:
    """A new key and its secret.

    Args:
        created_by: id of the creator, where the parameters may not name it.

    Raises:
        ApiError: 422 when subject, creator or claims are refused, 409 when the subject has a working key
            of this name, 400 when it has too many.
    """
    more = params if isinstance(params, ApiKeyRequest) else None
    if more is not None:
        created_by = await _creator(ctx, more.created_by)
        _check_claims(more.claims)
    columns = await lock_subject(ctx, params.subject)
    await _require_capacity(ctx, params)
    secret, key_id = f"ak_{new_secret()}", f"ak_{secrets.token_hex(16)}"
    row = ApiKeyRow(
        id=key_id,
        instance_id=ctx.instance.id,
        type=params.type,
        name=params.name,
        description=params.description,
        subject=columns["subject"],
        user_id=columns.get("user_id"),
        organization_id=columns.get("organization_id"),
        claims=more.claims if more else None,
        scopes=more.scopes if more else [],
        secret=seal(ctx.db, api_keys.c.secret, secret, id=key_id),
        secret_hash=hash_secret(secret),
        revoked=False,
        revocation_reason=None,
        expire_at=_finish(ctx, params.seconds_until_expiration),
        created_by=created_by,
        last_used_at=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_KEY, row)
    return row, secret


async def _creator(ctx: Context, user_id: str | None) -> str | None:
    if user_id is not None and await find_user(ctx, user_id) is None:
        raise errors.invalid_params(errors.param_value_invalid("created_by", user_id[:64]))
    return user_id


async def _require_capacity(ctx: Context, params: OwnApiKeyRequest) -> None:
    """Require a free name, and a free place below the maximum. A revoked or expired key takes neither."""
    keys = {"instance_id": ctx.instance.id, "subject": params.subject, "now": ctx.now}
    if await ctx.db.one(WORKING_WITH_NAME, type=params.type, name=params.name, **keys) is not None:
        raise errors.api_key_name_taken()
    if (await ctx.db.one(COUNT_WORKING, **keys) or 0) >= MAX_KEYS:
        raise errors.too_many_api_keys(MAX_KEYS)


def _check_claims(claims: Any) -> None:
    document = {"claims": claims}
    limit = None
    if is_too_deep(document):
        limit = f"{MAX_DEPTH} levels"
    elif len(msgspec.json.encode(claims)) > MAX_CLAIMS:
        limit = f"{MAX_CLAIMS} bytes"
    if limit:
        raise errors.invalid_params(
            errors.form_item(
                "form_param_exceeds_allowed_size",
                "claims",
                "is too large",
                f"claims may have {limit} at most.",
            )
        )


def _finish(ctx: Context, seconds: float | None) -> int | None:
    return None if seconds is None else ctx.now + max(1, round(seconds * 1000))


async def get_key(ctx: Context, key_id: str, *, subject: str | None = None) -> ApiKeyRow:
    """Args: subject: the required subject of the key.

    Raises:
        ApiError: 404 when there is no such key.
    """
    return _found(await ctx.db.one(GET_KEY, instance_id=ctx.instance.id, id=_id(key_id)), subject)


async def _lock_key(ctx: Context, key_id: str, subject: str | None) -> ApiKeyRow:
    return _found(await ctx.db.one(LOCK_KEY, instance_id=ctx.instance.id, id=_id(key_id)), subject)


def _id(key_id: str) -> str:
    """Contract: an id may also be written with the prefix `api_key_`."""
    return f"ak_{key_id.removeprefix('api_key_')}" if key_id.startswith("api_key_") else key_id


def _found(row: ApiKeyRow | None, subject: str | None) -> ApiKeyRow:
    if row is None or (subject is not None and row.subject != subject):
        raise errors.not_found("API key")
    return row


async def get_secret(ctx: Context, key_id: str) -> str:
    """Raises: ApiError: 404 when there is no such key, or it is revoked: its secret is purged."""
    row = await get_key(ctx, key_id)
    if row.secret is None:
        raise errors.not_found("API key")
    return unseal(ctx.db, api_keys.c.secret, row.secret, id=row.id)


async def update_key(
    ctx: Context, key_id: str, patch: OwnApiKeyPatch, *, subject: str | None = None
) -> ApiKeyRow:
    """Args: subject: the required subject of the key.

    Raises:
        ApiError: 404 when there is no such key, 422 when the new subject or claims are refused.
    """
    changes: dict[str, Any] = {"updated_at": ctx.now}
    if patch.description is not msgspec.UNSET:
        changes["description"] = patch.description
    if isinstance(patch, ApiKeyPatch):
        changes |= await _backend_changes(ctx, patch)
    changed = msgspec.structs.replace(await _lock_key(ctx, key_id, subject), **changes)
    await ctx.db.save(UPDATE_KEY, changed)
    return changed


async def _backend_changes(ctx: Context, patch: ApiKeyPatch) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if patch.claims is not msgspec.UNSET:
        _check_claims(patch.claims)
        changes["claims"] = patch.claims
    if patch.scopes is not msgspec.UNSET:
        changes["scopes"] = patch.scopes
    if patch.subject is not msgspec.UNSET:
        changes |= NO_OWNER | await lock_subject(ctx, patch.subject)
    if patch.seconds_until_expiration is not msgspec.UNSET:
        changes["expire_at"] = _finish(ctx, patch.seconds_until_expiration)
    return changes


async def revoke_key(
    ctx: Context, key_id: str, reason: str | None, *, subject: str | None = None
) -> ApiKeyRow:
    """Revoke the key. One that is revoked already keeps its first reason.

    Args:
        subject: the required subject of the key.

    Raises:
        ApiError: 404 when there is no such key.
    """
    row = await _lock_key(ctx, key_id, subject)
    if row.revoked:
        return row
    revoked = msgspec.structs.replace(
        row, revoked=True, revocation_reason=reason, secret=None, updated_at=ctx.now
    )
    await ctx.db.save(UPDATE_KEY, revoked)
    return revoked


async def revoke_keys_of_user(ctx: Context, user_id: str, reason: str) -> None:
    """Revoke every key of a user."""
    await ctx.db.execute(
        REVOKE_KEYS_OF_USER, instance_id=ctx.instance.id, user_id=user_id, reason=reason, now=ctx.now
    )


async def delete_key(ctx: Context, key_id: str) -> str:
    """Delete the key; returns its id.

    Raises:
        ApiError: 404 when there is no such key.
    """
    found = _id(key_id)
    if not await ctx.db.execute(DELETE_KEY, instance_id=ctx.instance.id, id=found):
        raise errors.not_found("API key")
    return found


async def verify_key(ctx: Context, params: VerificationRequest) -> ApiKeyRow:
    """The valid key with this secret.

    SDKs take every 200 for a key that works and look at nothing else, so one that is revoked or has expired
    is not found, as if it had never been; nor is the key of a banned user, whose sessions ended too.

    Raises:
        ApiError: 404 unless it works, 422 when nothing is shown.
    """
    shown = params.secret or params.token or params.access_token
    if not shown:
        raise errors.invalid_params(errors.param_missing("secret"))
    keys = {"instance_id": ctx.instance.id, "now": ctx.now}
    row = await ctx.db.one(FIND_WORKING_KEY, secret_hash=hash_secret(shown), **keys)
    if row is None:
        raise errors.not_found("API key")
    if row.last_used_at is not None and ctx.now - row.last_used_at < USE_NOTED_EVERY:
        return row
    if not await ctx.db.execute(NOTE_USE, id=row.id, **keys):
        raise errors.not_found("API key")  # it was revoked at the same moment
    return msgspec.structs.replace(row, last_used_at=ctx.now)
