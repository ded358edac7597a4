"""M2M tokens: a machine makes one to reach others with it, as an opaque token or as a JWT.

An opaque token is kept by its digest alone. So that it can be handed out a second time, it is not drawn at
random but derived from its id, which is random: the database without the instance's key reveals none.
"""

from __future__ import annotations

import hashlib
import secrets
from math import ceil
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import derived_bytes, hash_secret, same
from greffier.server.errors import ErrorItem
from greffier.server.machines.m2m.jwts import RESERVED_CLAIMS, sign_m2m_jwt
from greffier.server.machines.m2m.queries import INSERT_TOKEN, REUSABLE_TOKEN
from greffier.server.machines.m2m.requests import M2mTokenRequest
from greffier.server.machines.m2m.resources import CreatedM2mToken, created_m2m_token, m2m_token
from greffier.server.machines.queries import GET_MACHINE, HOLD_MACHINE, LOCK_MACHINE
from greffier.server.machines.scopes import scopes_of
from greffier.server.machines.tables import M2mTokenRow, MachineRow
from greffier.server.store.statements import Statement
from greffier.server.web.context import Context
from greffier.server.web.http.documents import MAX_DEPTH, is_too_deep

TOKEN_PREFIX = "mt_"  # noqa: S105 (how every token begins)
MAX_CLAIMS = 8 * 1024
"""Bytes of a token's claims, as JSON."""

_encode = msgspec.json.Encoder(order="deterministic").encode


async def create_token(ctx: Context, params: M2mTokenRequest) -> CreatedM2mToken:
    """A token of the machine that asks: a new one, or one like it that lives long enough.

    Raises:
        ApiError: 401 when it is no machine that asks, 422 with all that is wrong.
    """
    machine = await _asking_machine(ctx, GET_MACHINE)
    lifetime = params.seconds_until_expiration or machine.default_token_ttl
    _check(params, lifetime)
    scopes = await scopes_of(ctx, machine.id)
    if params.token_format == "jwt":  # noqa: S105 (a format)
        return await _create_jwt(ctx, machine, params.claims, scopes, lifetime)
    wanted = _new_row(ctx, machine, params.claims, scopes, lifetime)
    least = params.min_remaining_ttl_seconds
    row = await (_insert(ctx, wanted) if least is None else _find_or_insert(ctx, wanted, least))
    return created_m2m_token(m2m_token(row, scopes, ctx.now), _secret(ctx, row.id))


async def _asking_machine(ctx: Context, statement: Statement[MachineRow]) -> MachineRow:
    if ctx.machine is None:
        raise errors.machine_key_needed()
    machine = await ctx.db.one(statement, instance_id=ctx.instance.id, id=ctx.machine.id)
    if machine is None:  # deleted since its key was read
        raise errors.secret_key_invalid()
    return machine


async def _insert(ctx: Context, row: M2mTokenRow) -> M2mTokenRow:
    await _asking_machine(ctx, HOLD_MACHINE)
    return await _keep(ctx, row)


async def _keep(ctx: Context, row: M2mTokenRow) -> M2mTokenRow:
    await ctx.db.insert(INSERT_TOKEN, row)
    return row


async def _find_or_insert(ctx: Context, wanted: M2mTokenRow, least: int) -> M2mTokenRow:
    """A token with the same contents that lives `least` seconds more. Parallel requests get the same one: a
    request that finds none waits for the others and looks again.
    """
    found = await _find_like(ctx, wanted, least)
    if found is None:
        await _asking_machine(ctx, LOCK_MACHINE)
        found = await _find_like(ctx, wanted, least)
    return found or await _keep(ctx, wanted)


async def _find_like(ctx: Context, wanted: M2mTokenRow, least: int) -> M2mTokenRow | None:
    row = await ctx.db.one(
        REUSABLE_TOKEN,
        instance_id=ctx.instance.id,
        machine_id=wanted.machine_id,
        content_hash=wanted.content_hash,
        expire_at=ctx.now + max(1, least * 1000),
    )
    # A token that cannot be derived again cannot be handed out again.
    return row if row is not None and same(row.token_hash, hash_secret(_secret(ctx, row.id))) else None


async def _create_jwt(
    ctx: Context, machine: MachineRow, claims: dict[str, Any] | None, scopes: list[str], lifetime: float
) -> CreatedM2mToken:
    """A token that is kept nowhere: it can be neither listed nor revoked."""
    issued = ctx.now // 1000
    row = msgspec.structs.replace(
        _new_row(ctx, machine, claims, scopes, lifetime),
        expire_at=(issued + ceil(lifetime)) * 1000,
        created_at=issued * 1000,
        updated_at=issued * 1000,
    )
    token = await sign_m2m_jwt(ctx, row)
    return created_m2m_token(m2m_token(row, scopes, ctx.now), token)


def _new_row(
    ctx: Context, machine: MachineRow, claims: Any, scopes: list[str], lifetime: float
) -> M2mTokenRow:
    token_id = TOKEN_PREFIX + secrets.token_hex(16)
    return M2mTokenRow(
        id=token_id,
        instance_id=ctx.instance.id,
        machine_id=machine.id,
        token_hash=hash_secret(_secret(ctx, token_id)),
        claims=claims,
        scopes=scopes,
        content_hash=_content_hash(claims, scopes),
        revoked=False,
        revocation_reason=None,
        expire_at=ctx.now + max(1, int(lifetime * 1000)),
        last_used_at=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )


def _secret(ctx: Context, token_id: str) -> str:
    return TOKEN_PREFIX + derived_bytes(token_id, key=ctx.instance.code_key, purpose="m2m-token").hex()


def _content_hash(claims: Any, scopes: list[str]) -> str:
    return hashlib.sha256(_encode([claims, scopes])).hexdigest()


def _check(params: M2mTokenRequest, lifetime: float) -> None:
    is_jwt = params.token_format == "jwt"  # noqa: S105 (a format)
    problems = _claims_problems(params.claims, is_jwt=is_jwt)
    least = params.min_remaining_ttl_seconds
    if least is not None and least >= lifetime and not is_jwt:
        why = f"It must be less than the lifetime of a new token, which is {lifetime:g} seconds."
        problems.append(errors.param_format_invalid("min_remaining_ttl_seconds", why))
    if problems:
        raise errors.invalid_params(*problems)


def _claims_problems(claims: Any, *, is_jwt: bool) -> list[ErrorItem]:
    if is_too_deep({"claims": claims}):
        return [_too_large(f"{MAX_DEPTH} levels")]
    if len(_encode(claims)) > MAX_CLAIMS:
        return [_too_large(f"{MAX_CLAIMS} bytes")]
    if not is_jwt or claims is None:
        return []
    if not isinstance(claims, dict):
        return [errors.param_format_invalid("claims", "The claims of a JWT are an object.")]
    reserved = sorted(RESERVED_CLAIMS & claims.keys())  # pyright: ignore[reportUnknownArgumentType]
    why = f"The server alone says {', '.join(reserved)}."
    return [errors.param_format_invalid("claims", why)] if reserved else []


def _too_large(limit: str) -> ErrorItem:
    return errors.form_item(
        "form_param_exceeds_allowed_size", "claims", "is too large", f"claims may have {limit} at most."
    )
