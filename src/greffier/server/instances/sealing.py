"""Sealing of an instance's secrets: the key of its codes and cookies, and the secrets in its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from greffier.server.crypto.encryption import Encryption, key_of
from greffier.server.instances.tables import InstanceRow, instances
from greffier.server.store.database import Transaction
from greffier.server.store.sealing import seal, unseal

SECRET_MEMBERS = frozenset({"client_secret", "secret_key"})
"""Names of secrets in the document of settings, wherever they stand in it."""


def sealed_code_key(db: Transaction, instance_id: str, key: str) -> str:
    return seal(db, instances.c.code_key, key, id=instance_id)


def sealed_settings(encryption: Encryption, instance_id: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are stored. A secret that is sealed already stays as it is."""
    owner = _owner(instance_id)
    return _changed(settings, lambda text: text if key_of(text) else encryption.seal(text, bound_to=owner))


def resealed_settings(encryption: Encryption, instance_id: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Stored settings, encrypted by the current key.

    Raises:
        Undecryptable: a key is not there.
    """
    owner = _owner(instance_id)
    return _changed(
        settings,
        lambda text: (
            text
            if key_of(text) == encryption.current
            else encryption.seal(encryption.unseal(text, bound_to=owner), bound_to=owner)
        ),
    )


def unsealed(db: Transaction, row: InstanceRow) -> InstanceRow:
    """A row that was read, with its secrets in clear. `sealed_settings` is its opposite.

    Raises:
        Undecryptable: a key is not there.
    """
    owner = _owner(row.id)
    return msgspec.structs.replace(
        row,
        code_key=unseal(db, instances.c.code_key, row.code_key, id=row.id),
        settings=_changed(row.settings, lambda text: db.encryption.unseal(text, bound_to=owner)),
    )


def secrets_in(value: Any) -> list[str]:
    """The secrets in a document of settings, as they stand there, in its order."""
    if isinstance(value, list | tuple):
        return [one for item in cast(list[Any] | tuple[Any, ...], value) for one in secrets_in(item)]
    if not isinstance(value, dict):
        return []
    items = cast(dict[str, Any], value).items()
    return [
        one
        for name, item in items
        for one in ([item] if name in SECRET_MEMBERS and isinstance(item, str) else secrets_in(item))
    ]


def _owner(instance_id: str) -> str:
    return f"instances.settings:{instance_id}"


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of a document in which each secret is changed."""
    if isinstance(value, list | tuple):
        return [_changed(item, change) for item in cast(list[Any] | tuple[Any, ...], value)]
    if not isinstance(value, dict):
        return value
    return {
        name: change(item) if name in SECRET_MEMBERS and isinstance(item, str) else _changed(item, change)
        for name, item in cast(dict[str, Any], value).items()
    }
