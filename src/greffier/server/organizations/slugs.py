"""Slugs of organizations in URLs, and their permitted names."""

from __future__ import annotations

import re
import unicodedata

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.organizations.queries import FIND_BY_SLUG
from greffier.server.organizations.roles.queries import LOCK_NAMES
from greffier.server.web.context import Context

MAX_NAME = 256
"""Characters."""
MAX_SLUG = 64
"""Characters."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_LINK_OR_MARKUP = re.compile(r"://|\bwww\.|<\s*[a-z/!]|&#?\w+;", re.IGNORECASE)


def name_problems(name: str) -> list[ErrorItem]:
    """Contract: a name may not contain URLs or HTML, for it is shown in mails to people who were invited."""
    if not name.strip():
        return [errors.param_nil("name")]
    if len(name) > MAX_NAME:
        return [errors.param_too_long("name", MAX_NAME)]
    if _LINK_OR_MARKUP.search(name):
        return [errors.param_format_invalid("name", "name may not contain URLs or HTML.")]
    return []


def slug_problems(ctx: Context, slug: str) -> list[ErrorItem]:
    """Entries for the problems of a slug that a user chooses."""
    if not ctx.instance.settings.organizations.slugs:
        return [errors.param_not_enabled("slug")]
    if len(slug) > MAX_SLUG:
        return [errors.param_too_long("slug", MAX_SLUG)]
    if not _SLUG.fullmatch(slug):
        why = "slug may have lower case letters, digits, and single dashes between them."
        return [errors.param_format_invalid("slug", why)]
    return []


async def is_free(ctx: Context, slug: str) -> bool:
    return await ctx.db.one(FIND_BY_SLUG, instance_id=ctx.instance.id, slug=slug) is None


async def lock_names(ctx: Context) -> None:
    """Serialize the generation of slugs until this request ends. Before any user is locked: requests that
    want both would otherwise wait for each other.
    """
    await ctx.db.one(LOCK_NAMES, instance_id=ctx.instance.id)


async def slug_for(ctx: Context, name: str) -> str:
    """A slug that is made from a name, and is free until this request ends if names are held."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = _NOT_IN_SLUG.sub("-", plain)[: MAX_SLUG - 20].strip("-") or "organization"
    if await is_free(ctx, slug):
        return slug
    number = ctx.now
    while not await is_free(ctx, f"{slug}-{number}"):
        number += 1
    return f"{slug}-{number}"
