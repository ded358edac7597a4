"""Client identification: the client by its secret, and the rotation of that secret."""

from __future__ import annotations

import logging

import msgspec

from greffier.server.clients.queries import (
    FIND_FORMER_SECRET,
    GET,
    INSERT,
    INSERT_FORMER_SECRET,
    LOCK,
    UPDATE,
)
from greffier.server.clients.satellites.secrets import (
    create_satellite_secret,
    end_satellite_secrets,
    find_by_satellite_secret,
)
from greffier.server.clients.secrets import read_client_token, write_client_token
from greffier.server.clients.tables import ClientRow, FormerSecretRow
from greffier.server.crypto.secrets import hash_secret, new_secret, same
from greffier.server.sessions.queries import END_OF_CLIENT
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context
from greffier.server.web.http.cookies import FOUR_HUNDRED_DAYS, delete_cookie, set_cookie
from greffier.server.web.ports import CurrentClient

log = logging.getLogger("greffier.clients")

COOKIE = "__client"
FORMER_SECRET_READABLE = 30_000
"""Milliseconds that a rotated secret still works, for requests in flight."""


class KnownClient(CurrentClient, frozen=True):
    """The client with its row as this request found or made it."""

    row: ClientRow


def presented_token(ctx: Context) -> str | None:
    """The client token of a browser's cookie, or of a native app's `Authorization` header."""
    if ctx.request.is_native:
        return ctx.request.headers.get("authorization", "").removeprefix("Bearer ").strip() or None
    return ctx.request.cookies.get(COOKIE)


async def find_client(ctx: Context, token: str) -> KnownClient | None:
    """The client with this secret. Reuse of a secret rotated long ago revokes the client's sessions.

    A satellite domain knows clients by secrets of its own, and only there are they good.
    """
    if ctx.satellite is not None:
        row = await find_by_satellite_secret(ctx, token, ctx.satellite)
        return None if row is None else KnownClient(row.id, row)
    found = await _match(ctx, token)
    if found is None:
        return None
    row, good = found
    if good:
        return KnownClient(row.id, row)
    await _revoke_family(ctx, row.id)
    return None


async def verify_client(ctx: Context, token: str) -> ClientRow | None:
    """The client with this secret, without side effects."""
    found = await _match(ctx, token)
    if found is None:
        return await find_by_satellite_secret(ctx, token)
    return found[0] if found[1] else None


async def _match(ctx: Context, token: str) -> tuple[ClientRow, bool] | None:
    """The client with this present or former secret, and whether the secret is still valid."""
    claimed = read_client_token(token)
    if claimed is None:
        return None
    row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=claimed.id)
    if row is None:
        return None
    digest = hash_secret(claimed.rotating_token)
    if same(digest, row.secret_hash):
        return row, True
    former = await ctx.db.one(
        FIND_FORMER_SECRET, instance_id=ctx.instance.id, client_id=row.id, secret_hash=digest
    )
    if former is None:
        return None
    return row, ctx.now - former.replaced_at <= FORMER_SECRET_READABLE


async def _revoke_family(ctx: Context, client_id: str) -> None:
    """Revoke the client's sessions: an old secret was reused, so neither holder can be trusted any more.

    Written in a transaction of its own, because it must hold even if the request is rolled back.
    """
    log.warning("a former secret of client %s was used again; its sessions are revoked", client_id)
    async with ctx.services.database.transaction() as db:
        await db.execute(
            END_OF_CLIENT, instance_id=ctx.instance.id, client_id=client_id, status="revoked", now=ctx.now
        )
        row = await db.one(LOCK, instance_id=ctx.instance.id, id=client_id)
        if row is not None:
            changed = msgspec.structs.replace(
                row, secret_hash=hash_secret(new_secret()), secret_since=ctx.now, updated_at=ctx.now
            )
            await db.save(UPDATE, changed)
        await end_satellite_secrets(db, ctx.instance.id, client_id)


async def create_client(ctx: Context, client_id: str | None = None) -> KnownClient:
    """A new client, identified by the cookie this response sets.

    Args:
        client_id: its id, if the browser was given one before.
    """
    row, secret = await insert_client(ctx, client_id)
    if ctx.satellite is not None:
        secret = await create_satellite_secret(ctx, row.id, ctx.satellite)
    ctx.client = KnownClient(row.id, row)
    send_client_secret(ctx, row.id, secret)
    return ctx.client


async def insert_client(ctx: Context, client_id: str | None = None) -> tuple[ClientRow, str]:
    """A new client and its secret, which is not stored."""
    secret = new_secret()
    row = ClientRow(
        id=client_id or new_id("client", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        secret_hash=hash_secret(secret),
        secret_since=ctx.now,
        rotation_due=False,
        last_authentication_strategy=None,
        deleted=False,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT, row)
    return row, secret


async def update_client(ctx: Context, client_id: str) -> ClientRow:
    """Record what this request changed: a new secret after a sign-in, a later `updated_at`."""
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=client_id)
    if row is None:
        raise LookupError(f"client {client_id} vanished while it was locked")
    changes: dict[str, object] = {"updated_at": max(ctx.now, row.updated_at)}
    if ctx.authentication_strategy:
        changes["last_authentication_strategy"] = ctx.authentication_strategy
    if ctx.rotate_client or row.rotation_due:
        changes |= await _rotate(ctx, row)
    changed = msgspec.structs.replace(row, **changes)
    await ctx.db.save(UPDATE, changed)
    return changed


async def _rotate(ctx: Context, row: ClientRow) -> dict[str, object]:
    await end_satellite_secrets(ctx.db, ctx.instance.id, row.id)
    if ctx.satellite is not None:  # the primary domain's cookie is not here to be replaced
        return {"rotation_due": True}
    await ctx.db.insert(
        INSERT_FORMER_SECRET,
        FormerSecretRow(
            id=new_id("fs", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            client_id=row.id,
            secret_hash=row.secret_hash,
            replaced_at=ctx.now,
        ),
    )
    secret = new_secret()
    send_client_secret(ctx, row.id, secret)
    return {"secret_hash": hash_secret(secret), "secret_since": ctx.now, "rotation_due": False}


def send_client_secret(ctx: Context, client_id: str, secret: str) -> None:
    """Set the client's secret in the browser's cookie (or the native app's header)."""
    token = write_client_token(ctx.instance, client_id, secret)
    if ctx.request.is_native:
        ctx.response_headers["authorization"] = token
        return
    _set_cookie(ctx, token)


def _set_cookie(ctx: Context, token: str) -> None:
    line = set_cookie(
        COOKIE, token, max_age=FOUR_HUNDRED_DAYS, secure=_secure(ctx), http_only=True, same_site="Lax"
    )
    _replace_cookie(ctx, line)


def renew_client_cookie(ctx: Context) -> None:
    """Extend the lifetime of the browser's cookie."""
    if (token := ctx.request.cookies.get(COOKIE)) and ctx.client is not None:
        _set_cookie(ctx, token)


def clear_client_cookie(ctx: Context) -> None:
    """Clear the client's cookie."""
    _replace_cookie(ctx, delete_cookie(COOKIE, secure=_secure(ctx)))


def _replace_cookie(ctx: Context, line: str) -> None:
    name = line.partition("=")[0]
    ctx.set_cookies = [c for c in ctx.set_cookies if not c.startswith(name + "=")] + [line]


def _secure(ctx: Context) -> bool:
    return ctx.request.secure or not ctx.instance.is_development
