"""Domains of an organization, and suggestions from them. There are none: `organizations.domains` cannot be
switched on."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.organizations.member_access import listing_membership
from greffier.server.organizations.roles.system_permissions import (
    MANAGE_DOMAINS,
    READ_DOMAINS,
)
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.pagination import Limit, Offset, Page


class SuggestionListQuery(msgspec.Struct, kw_only=True):
    limit: Limit = 10
    offset: Offset = 0
    status: list[Literal["pending", "accepted", "completed"]] = []


class DomainListQuery(msgspec.Struct, kw_only=True):
    limit: Limit = 10
    offset: Offset = 0
    verified: bool | None = None
    enrollment_mode: str | None = None


@frontend_api.get("/v1/organizations/{organization_id}/domains")
async def list_organization_domains(ctx: Context, organization_id: str, query: DomainListQuery) -> Page[None]:
    """None: `organizations.domains` cannot be switched on. The organization's profile asks for them."""
    await listing_membership(ctx, organization_id, READ_DOMAINS, MANAGE_DOMAINS)
    return Page([], 0)


@frontend_api.get("/v1/me/organization_suggestions")
async def get_organization_suggestions(ctx: Context, query: SuggestionListQuery) -> Page[None]:
    """Nothing is suggested: that takes a verified domain, and organizations have none, because
    `organizations.domains` cannot be switched on. Browser components wait for the answer."""
    await ctx.require_session()
    require_enabled(ctx)
    return Page([], 0)
