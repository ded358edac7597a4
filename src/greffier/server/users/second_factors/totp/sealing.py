"""Encryption of the secrets of authenticator apps."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.crypto.encryption import Encryption, Undecryptable
from greffier.server.crypto.secrets import derived_bytes
from greffier.server.web.context import Context


def _encryption(ctx: Context) -> Encryption:
    """With the operator's keys; development instances have one of their own besides.

    Raises:
        ApiError: 403 when a production instance has none.
    """
    keys = ctx.services.settings.encryption_keys
    if ctx.instance.is_development:
        keys = (*keys, derived_bytes(ctx.instance.id, key=ctx.instance.code_key, purpose="encryption"))
    if not keys:
        raise errors.encryption_key_missing()
    return Encryption(keys)


def seal(ctx: Context, secret: str, user_id: str) -> str:
    """Raises: ApiError: 403 when there is no key."""
    return _encryption(ctx).encrypt(secret, bound_to=_owner(ctx, user_id))


def unseal(ctx: Context, sealed: str, user_id: str) -> str:
    """Raises: ApiError: 403 when the key that it was encrypted with is not there."""
    try:
        return _encryption(ctx).decrypt(sealed, bound_to=_owner(ctx, user_id))
    except Undecryptable:
        raise errors.encryption_key_missing() from None


def _owner(ctx: Context, user_id: str) -> str:
    return f"totp:{ctx.instance.id}:{user_id}"
