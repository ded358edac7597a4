"""Roles whose permissions fill more of a session token than a cookie holds."""

from __future__ import annotations

from typing import NamedTuple

from greffier.server.organizations.roles.queries import PERMISSIONS_OF_ROLES
from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS, role_claims_size
from greffier.server.store.database import Transaction


class LargeRole(NamedTuple):
    """A role, how many permissions it has, and the bytes that they take in a token."""

    key: str
    permissions: int
    size: int


def has_compact_form(token_version: int | None) -> bool:
    """Whether tokens can have the compact form: of every instance that has not chosen version 1."""
    return token_version != 1


async def roles_too_large(db: Transaction, instance_id: str, *, token_version: int | None) -> list[LargeRole]:
    """The roles of an instance whose members would get tokens that no cookie holds.

    Args:
        token_version: the setting `session.token_version`.
    """
    roles: dict[str, list[str]] = {}
    for role, permission in await db.all(PERMISSIONS_OF_ROLES, instance_id=instance_id):
        roles.setdefault(role, []).append(permission)
    compact = has_compact_form(token_version)
    return [
        LargeRole(role, len(keys), size)
        for role, keys in roles.items()
        if (size := role_claims_size(keys, compact=compact)) > MAX_ROLE_CLAIMS
    ]
