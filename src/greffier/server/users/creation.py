"""Making a user, from a sign-up or by the Backend API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.identifications.claims import give, require_unclaimed
from greffier.server.identifications.kinds import (
    IdentificationKind,
    kinds,
    verifiable_kinds,
)
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.profile.fields import new_password_columns, new_password_problems, read_columns
from greffier.server.users.queries import INSERT
from greffier.server.users.requests import CreateUserRequest
from greffier.server.users.restrictions.lockout import locked_until
from greffier.server.users.second_factors.given import (
    given_factor_columns,
    given_factor_problems,
    insert_given_factors,
    read_given_factors,
)
from greffier.server.users.tables import UserRow
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.records import record_verified
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Instance


def new_user(ctx: Context, **fields: Any) -> UserRow:
    """A row with the defaults of a new user, changed by `fields`; not written yet."""
    absent: dict[str, Any] = dict.fromkeys(UserRow.__struct_fields__)
    defaults: dict[str, Any] = {
        "id": new_id("user", now_ms=ctx.now),
        "instance_id": ctx.instance.id,
        "public_metadata": {},
        "private_metadata": {},
        "unsafe_metadata": {},
        "banned": False,
        "locked": False,
        "failed_attempts": 0,
        "delete_self_enabled": True,
        "create_organization_enabled": True,
        "bypass_client_trust": False,
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }
    return UserRow(**(absent | defaults | fields))


def taken(error: UniqueViolation) -> ApiError:
    """422 for an external id or a username that another user has."""
    return errors.identifier_exists("username" if "username" in error.constraint else "external_id")


async def insert_user(ctx: Context, row: UserRow) -> None:
    """Raises: ApiError: 422 `form_identifier_exists` when the external id or the username is taken."""
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation as error:
        raise taken(error) from None


async def create_user(ctx: Context, request: CreateUserRequest) -> UserRow:
    """Create a user for an application's backend.

    Raises:
        ApiError: 422 with an entry for everything that is wrong or missing.
    """
    columns, problems = read_columns(request)
    problems += await new_password_problems(ctx, request)
    problems += given_factor_problems(ctx, request)
    problems += _missing(ctx.instance, request)
    given = [one for kind in verifiable_kinds() for one in await _read_given(ctx, kind, request, problems)]
    if problems:
        raise errors.invalid_params(*problems)
    columns |= await new_password_columns(ctx, request)
    if request.locked:
        columns |= locked_until(ctx.instance, ctx.now)
    row = new_user(ctx, **columns, banned=bool(request.banned))
    factors = await read_given_factors(ctx, request, row.id)
    row = msgspec.structs.replace(row, **given_factor_columns(factors, row, ctx.now))
    await insert_user(ctx, row)
    await insert_given_factors(ctx, factors, row.id)
    for identifier, status in given:
        reserved = status == "reserved"
        verification = None if reserved else await record_verified(ctx, "admin")
        await give(ctx, row.id, identifier, verification=verification, reserved=reserved)
    return row


def _missing(instance: Instance, request: CreateUserRequest) -> list[ErrorItem]:
    """The missing attributes that the instance requires of every user, unless the caller skips the check."""
    settings = instance.settings
    names: list[str] = []
    if not request.skip_user_requirement:
        given = {kind.name: bool(getattr(request, kind.name, None)) for kind in kinds()}
        names = [name for name, there in given.items() if settings.attribute(name).required and not there]
        if not any(given.values()) and not names:
            names = [kinds()[0].name]
    has_password = request.password is not None or request.password_digest is not None
    if settings.attribute("password").required and not (has_password or request.skip_password_requirement):
        names.append("password")
    consented = request.skip_legal_checks or isinstance(request.legal_accepted_at, datetime)
    if settings.sign_up.legal_consent and not consented:
        names.append("legal_accepted_at")
    return [errors.user_data_missing(names)] if names else []


async def _read_given(
    ctx: Context, kind: IdentificationKind, request: CreateUserRequest, problems: list[ErrorItem]
) -> list[tuple[Identifier, str]]:
    """Each identifier of a kind with the status it begins with; what is wrong with them is added to
    `problems`."""
    texts: list[str] = getattr(request, kind.name, [])
    param = f"{kind.name}_identification_status"
    statuses: list[str] = getattr(request, param, None) or ["verified"] * len(texts)
    if len(statuses) != len(texts):
        problems.append(errors.param_format_invalid(param, f"{param} must have one item per {kind.name}."))
    found: list[tuple[Identifier, str]] = []
    for text, status in zip(texts, statuses, strict=False):
        try:
            identifier = kind.read(ctx, text, kind.name)
            await require_unclaimed(ctx, identifier)
        except ApiError as error:
            problems.extend(error.items)
        else:
            found.append((identifier, status))
    return found
