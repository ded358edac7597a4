"""The permissions of a role in a session token, and how many bytes they take.

System permissions (`org:sys_...`) are never in a token: they gate this server's own operations, and it looks
them up.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_SYSTEM = "org:sys_"

MAX_ROLE_CLAIMS = 1200
"""Bytes that a role's permissions may take in a token. Browsers keep cookies of 4,096 bytes, and a session
token is one."""


def role_claims_size(keys: list[str], *, compact: bool) -> int:
    """Bytes that these permissions take in a token.

    Args:
        compact: in the form of version 2.
    """
    own = sorted(custom_keys(keys))
    claims = compact_permissions(own) if compact else own
    return len(msgspec.json.encode(claims)) if own else 0


def compact_permissions(keys: list[str], further: Iterable[str] = ()) -> tuple[str, dict[str, str]]:
    """The claim `fea`, and the permissions part of `o`; empty without any.

    Args:
        further: features that come without permissions.
    """
    granted = {(feature, action) for _, feature, action in map(_parts, keys)}
    features = sorted({*(feature for feature, _ in granted), *further})
    actions = sorted({action for _, action in granted})
    masks = [
        sum(1 << bit for bit, action in enumerate(actions) if (feature, action) in granted)
        for feature in features
    ]
    permissions = {"per": ",".join(actions), "fpm": ",".join(map(str, masks))} if granted else {}
    return ",".join(f"o:{feature}" for feature in features), permissions


def custom_keys(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not key.startswith(_SYSTEM)]


def _parts(key: str) -> tuple[str, str, str]:
    organization, feature, action = key.split(":")
    return organization, feature, action
