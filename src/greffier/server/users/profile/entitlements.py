"""Entitlements: the plan and the features that session tokens name. Applications keep them, for a user or an
organization, in private metadata under a key of this server's."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem

KEY = "token_entitlements"
MAX_LISTED = 400
"""Bytes of the features of one user or organization in a token. Those of both, and the permissions of a role,
fit into a cookie together."""

_Slug = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._-]{1,64}\Z")]
"""Tokens separate features by commas, and their scopes by colons."""


class Entitlements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The slug of a plan, and features in the order in which the application gave them."""

    plan: _Slug | None = None
    features: tuple[_Slug, ...] = ()


NONE = Entitlements()


def entitlements_of(private_metadata: dict[str, Any]) -> Entitlements:
    return read_entitlements(private_metadata.get(KEY))


def read_entitlements(given: Any) -> Entitlements:
    """Returns none where they are malformed: they were written before this server looked at them."""
    if given is None:
        return NONE
    try:
        return msgspec.convert(given, Entitlements)
    except msgspec.ValidationError:
        return NONE


def entitlement_problems(private_metadata: dict[str, Any]) -> list[ErrorItem]:
    """Returns an entry when what is given cannot become claims of a token."""
    given = private_metadata.get(KEY)
    if given is None:
        return []
    try:
        listed = msgspec.convert(given, Entitlements).features
    except msgspec.ValidationError as error:
        return [errors.param_format_invalid("private_metadata", f"{KEY}: {error}.")]
    if len(",".join(f"u:{feature}" for feature in listed)) > MAX_LISTED:
        why = f"The features of {KEY} may have {MAX_LISTED} bytes in a token at most."
        return [errors.form_item("form_param_exceeds_allowed_size", "private_metadata", "is too large", why)]
    return []
