"""Encryption of the secrets of authenticator apps, which are never stored in clear."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.crypto.encryption import Encryption
from greffier.server.crypto.secrets import derived_bytes
from greffier.server.store.sealing import owner_of
from greffier.server.users.second_factors.totp.tables import totp_secrets
from greffier.server.web.context import Context


def _encryption(ctx: Context) -> Encryption:
    """With the operator's keys; development instances have one of their own besides.

    Raises:
        ApiError: 403 when a production instance has none.
    """
    encryption = ctx.db.encryption
    if ctx.instance.is_development:
        encryption = encryption.with_former(development_key(ctx.instance.id, ctx.instance.code_key))
    if encryption.current is None:
        raise errors.encryption_key_missing()
    return encryption


def development_key(instance_id: str, code_key: str) -> bytes:
    """The key of a development instance whose server was given none."""
    return derived_bytes(instance_id, key=code_key, purpose="encryption")


def seal(ctx: Context, secret: str, user_id: str) -> str:
    """Raises: ApiError: 403 when there is no key."""
    return _encryption(ctx).seal(secret, bound_to=_owner(ctx, user_id))


def unseal(ctx: Context, sealed: str, user_id: str) -> str:
    """Raises: Undecryptable: the key that it was encrypted with is not there."""
    return _encryption(ctx).unseal(sealed, bound_to=_owner(ctx, user_id))


def _owner(ctx: Context, user_id: str) -> str:
    return owner_of(totp_secrets.c.secret, {"instance_id": ctx.instance.id, "user_id": user_id})
