"""The columns of a user from a request of an application's backend, with every problem reported at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.digests import HASHERS, digest_problem
from greffier.server.errors import ErrorItem
from greffier.server.users.passwords.policy import (
    MAX_LENGTH,
    hash_new_password,
    password_columns,
    password_problems,
)
from greffier.server.users.profile.metadata import FIELDS as DOCUMENTS
from greffier.server.users.profile.metadata import metadata_problems
from greffier.server.users.profile.names import (
    canonical_username,
    external_id_problems,
    locale_problems,
    name_problems,
    username_problems,
)
from greffier.server.users.requests import UserFields, milliseconds
from greffier.server.web.context import Context

_TEXTS: dict[str, Callable[[str], list[ErrorItem]]] = {
    "external_id": external_id_problems,
    "username": username_problems,
    "locale": locale_problems,
}
_FLAGS = ("delete_self_enabled", "create_organization_enabled", "bypass_client_trust")


def read_columns(fields: UserFields) -> tuple[dict[str, Any], list[ErrorItem]]:
    """The columns that the fields change, and the problems of the fields. Passwords and second factors are
    apart."""
    columns: dict[str, Any] = {}
    problems = name_problems(fields.first_name, fields.last_name)
    for name in ("first_name", "last_name", *_TEXTS):
        value = getattr(fields, name)
        if value is not msgspec.UNSET:
            columns[name] = value or None
    if columns.get("username"):
        columns["username"] = canonical_username(columns["username"])
    for name, check in _TEXTS.items():
        if columns.get(name):
            problems += check(columns[name])
    columns |= _settings(fields)
    documents: dict[str, Any] = {
        name: value or {} for name in DOCUMENTS if (value := getattr(fields, name)) is not msgspec.UNSET
    }
    problems += metadata_problems(documents)
    return columns | documents, problems


def _settings(fields: UserFields) -> dict[str, Any]:
    """A flag or a date of creation cannot be taken away, so `null` leaves it as it is."""
    columns: dict[str, Any] = {
        name: value for name in _FLAGS if isinstance(value := getattr(fields, name), bool)
    }
    if fields.create_organizations_limit is not msgspec.UNSET:
        columns["create_organizations_limit"] = fields.create_organizations_limit
    if fields.legal_accepted_at is not msgspec.UNSET:
        moment = fields.legal_accepted_at
        columns["legal_accepted_at"] = milliseconds(moment) if moment else None
    if isinstance(fields.created_at, datetime):
        columns["created_at"] = milliseconds(fields.created_at)
    return columns


async def new_password_problems(ctx: Context, fields: UserFields) -> list[ErrorItem]:
    """Entries for the problems of the password, or of its digest."""
    if fields.password is not None:
        if fields.password_digest is not None:
            why = "password_digest cannot be given beside password."
            return [errors.param_format_invalid("password_digest", why)]
        if not fields.password:
            return [errors.param_nil("password")]
        if fields.skip_password_checks:
            return [errors.password_too_long(MAX_LENGTH)] if len(fields.password) > MAX_LENGTH else []
        return await password_problems(ctx, fields.password)
    if fields.password_digest is None:
        return [errors.param_missing("password_digest")] if fields.password_hasher is not None else []
    if fields.password_hasher is None:
        return [errors.param_missing("password_hasher")]
    if fields.password_hasher not in HASHERS:
        return [errors.password_hasher_unsupported(HASHERS)]
    why = digest_problem(fields.password_hasher, fields.password_digest)
    return [errors.password_digest_invalid(why)] if why else []


async def new_password_columns(ctx: Context, fields: UserFields) -> dict[str, Any]:
    """The columns of a new password that has been checked. Hashing holds no lock: call it before writing."""
    digest = fields.password_digest
    if fields.password is not None:
        digest = await hash_new_password(ctx, fields.password, check=False)
    return {} if digest is None else password_columns(digest, ctx.now)
