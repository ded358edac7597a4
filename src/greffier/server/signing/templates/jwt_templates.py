"""JWT templates of an instance: made, changed and removed. Tokens are made from them in `sessions/`."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.instances.administration import lock_instance
from greffier.server.signing.lifetimes import warn_of_long_lifetime
from greffier.server.signing.queries import (
    DELETE_TEMPLATE,
    GET_TEMPLATE,
    INSERT_TEMPLATE,
    LOCK_TEMPLATE,
    TEMPLATES,
    UPDATE_TEMPLATE,
)
from greffier.server.signing.requests import JwtTemplateRequest
from greffier.server.signing.resources import DEFAULT_CLOCK_SKEW, DEFAULT_LIFETIME
from greffier.server.signing.tables import JwtTemplateRow, jwt_templates
from greffier.server.signing.templates.custom_keys import ALGORITHMS, LONGEST_KEY, KeyRefused, check_key
from greffier.server.signing.templates.shortcodes import shortcode_problems
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.store.sealing import seal, unseal
from greffier.server.web.context import Context
from greffier.server.web.http.documents import MAX_DEPTH, is_too_deep

MAX_TEMPLATES = 100
"""Templates of one instance."""
MAX_CLAIMS = 8 * 1024
"""Bytes of a template's claims, as JSON."""
RESERVED_CLAIMS = frozenset({"azp", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"})
"""Claims that only the server sets."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It is one segment of a path."""

_Key = tuple[str | None, str | None]
"""Algorithm and key."""


async def list_templates(ctx: Context) -> list[JwtTemplateRow]:
    """All of them, newest first: an instance has few."""
    return await ctx.db.all(TEMPLATES, instance_id=ctx.instance.id)


async def get_template(ctx: Context, template_id: str) -> JwtTemplateRow:
    """Raises: ApiError: 404 when the instance has no such template."""
    row = await ctx.db.one(GET_TEMPLATE, instance_id=ctx.instance.id, id=template_id)
    if row is None:
        raise errors.not_found("JWT template")
    return row


async def create_template(ctx: Context, params: JwtTemplateRequest) -> JwtTemplateRow:
    """Raises: ApiError: 422 with all that is wrong, or when there are too many already."""
    algorithm, key = _checked(params, (None, None))
    template_id = new_id("jtmp", now_ms=ctx.now)
    row = JwtTemplateRow(
        id=template_id,
        instance_id=ctx.instance.id,
        name=params.name,
        claims=params.claims,
        lifetime=_seconds(params.lifetime, DEFAULT_LIFETIME, DEFAULT_LIFETIME),
        allowed_clock_skew=_seconds(params.allowed_clock_skew, DEFAULT_CLOCK_SKEW, DEFAULT_CLOCK_SKEW),
        signing_algorithm=algorithm,
        signing_key=_sealed(ctx, template_id, key),
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await lock_instance(ctx.db, ctx.instance.id)  # so that two at once do not both become the last one
    if len(await list_templates(ctx)) >= MAX_TEMPLATES:
        raise errors.too_many_templates(MAX_TEMPLATES)
    try:
        await ctx.db.insert(INSERT_TEMPLATE, row)
    except UniqueViolation:
        raise errors.identifier_exists("name") from None
    warn_of_long_lifetime(ctx, "A token of a JWT template", row.lifetime)
    return row


async def update_template(ctx: Context, template_id: str, params: JwtTemplateRequest) -> JwtTemplateRow:
    """Raises: ApiError: 404 when the instance has no such template, 422 with all that is wrong."""
    former = await ctx.db.one(LOCK_TEMPLATE, instance_id=ctx.instance.id, id=template_id)
    if former is None:
        raise errors.not_found("JWT template")
    algorithm, key = _checked(params, (former.signing_algorithm, _unsealed(ctx, former)))
    row = msgspec.structs.replace(
        former,
        name=params.name,
        claims=params.claims,
        lifetime=_seconds(params.lifetime, former.lifetime, DEFAULT_LIFETIME),
        allowed_clock_skew=_seconds(params.allowed_clock_skew, former.allowed_clock_skew, DEFAULT_CLOCK_SKEW),
        signing_algorithm=algorithm,
        signing_key=_sealed(ctx, template_id, key),
        updated_at=ctx.now,
    )
    try:
        await ctx.db.save(UPDATE_TEMPLATE, row)
    except UniqueViolation:
        raise errors.identifier_exists("name") from None
    warn_of_long_lifetime(ctx, "A token of a JWT template", row.lifetime)
    return row


async def delete_template(ctx: Context, template_id: str) -> None:
    """Raises: ApiError: 404 when the instance has no such template."""
    if not await ctx.db.execute(DELETE_TEMPLATE, instance_id=ctx.instance.id, id=template_id):
        raise errors.not_found("JWT template")


def _sealed(ctx: Context, template_id: str, key: str | None) -> str | None:
    return None if key is None else seal(ctx.db, jwt_templates.c.signing_key, key, id=template_id)


def _unsealed(ctx: Context, row: JwtTemplateRow) -> str | None:
    key = row.signing_key
    return None if key is None else unseal(ctx.db, jwt_templates.c.signing_key, key, id=row.id)


def _seconds(given: int | msgspec.UnsetType | None, former: int, default: int) -> int:
    return former if given is msgspec.UNSET else default if given is None else given


def _checked(params: JwtTemplateRequest, former: _Key) -> _Key:
    """The key to sign by from now on, if the rest is in order too."""
    if reserved := sorted(RESERVED_CLAIMS & params.claims.keys()):
        raise errors.template_claims_reserved(reserved)
    problems: list[ErrorItem] = []
    if not _NAME.fullmatch(params.name):
        problems.append(
            errors.param_format_invalid(
                "name", "A name has 1 to 64 letters, digits, hyphens and underscores."
            )
        )
    problems += _claims_problems(params.claims)
    key = former
    if params.custom_signing_key:
        key = params.signing_algorithm or former[0], params.signing_key or former[1]
        problems += _key_problems(*key)
    elif params.custom_signing_key is False or former[1] is None:
        key = None, None
        problems += _needless_key_problems(params)
    elif params.signing_key or params.signing_algorithm not in (None, former[0]):
        problems.append(errors.param_missing("custom_signing_key"))
    if problems:
        raise errors.invalid_params(*problems)
    return key


def _claims_problems(claims: dict[str, Any]) -> list[ErrorItem]:
    if is_too_deep(claims):
        return [_too_large(f"{MAX_DEPTH} levels")]
    if len(msgspec.json.encode(claims)) > MAX_CLAIMS:
        return [_too_large(f"{MAX_CLAIMS} bytes")]
    whys = [f"{problem[:100]!r} is no shortcode." for problem in shortcode_problems(claims)[:5]]
    return [errors.param_format_invalid("claims", why) for why in whys]


def _too_large(limit: str) -> ErrorItem:
    return errors.form_item(
        "form_param_exceeds_allowed_size", "claims", "is too large", f"claims may have {limit} at most."
    )


def _key_problems(algorithm: str | None, key: str | None) -> list[ErrorItem]:
    missing = [
        errors.param_missing(name)
        for name, value in (("signing_algorithm", algorithm), ("signing_key", key))
        if not value
    ]
    if missing or algorithm is None or key is None:
        return missing
    if algorithm not in ALGORITHMS:
        return [
            errors.param_format_invalid("signing_algorithm", f"It must be one of {', '.join(ALGORITHMS)}.")
        ]
    if len(key) > LONGEST_KEY:
        return [errors.param_too_long("signing_key", LONGEST_KEY)]
    try:
        check_key(algorithm, key)
    except KeyRefused as refused:
        return [errors.param_format_invalid("signing_key", str(refused))]
    return []


def _needless_key_problems(params: JwtTemplateRequest) -> list[ErrorItem]:
    """Entries for a key that would be ignored, which is refused: the caller expects it to sign."""
    needless = bool(params.signing_key) or params.signing_algorithm not in (None, "", "RS256")
    why = "It must be true where signing_algorithm or signing_key is given."
    return [errors.param_format_invalid("custom_signing_key", why)] if needless else []
