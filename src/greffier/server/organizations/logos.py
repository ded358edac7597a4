"""Logos: checked, drawn anew and stored as profile images are."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.organizations.lifecycle import get_organization, lock_organization, save_organization
from greffier.server.organizations.queries import DELETE_LOGOS, INSERT_LOGO
from greffier.server.organizations.tables import OrganizationLogoRow, OrganizationRow
from greffier.server.store.ids import new_id
from greffier.server.users.images.profile_images import read_picture
from greffier.server.web.context import Context


async def set_logo(ctx: Context, organization_id: str, upload: bytes) -> OrganizationRow:
    """Give an organization this picture in place of another.

    Raises:
        ApiError: 404 without such an organization; 400 for what is no picture of a known format, or too large
            a one.
    """
    await get_organization(ctx, organization_id)  # before a picture is read in vain
    content = await read_picture(upload)
    row = await lock_organization(ctx, organization_id)
    await _delete_logos(ctx, row)
    logo = OrganizationLogoRow(new_id("img", now_ms=ctx.now), ctx.instance.id, row.id, content, ctx.now)
    await ctx.db.insert(INSERT_LOGO, logo)
    return await save_organization(ctx, row, image_id=logo.id)


async def delete_logo(ctx: Context, organization_id: str) -> tuple[OrganizationRow, str]:
    """Take the picture away; the organization, and the id that the picture had.

    Raises:
        ApiError: 404 without such an organization, or a logo.
    """
    row = await lock_organization(ctx, organization_id)
    if row.image_id is None:
        raise errors.not_found("logo")
    await _delete_logos(ctx, row)
    return await save_organization(ctx, row, image_id=None), row.image_id


async def _delete_logos(ctx: Context, row: OrganizationRow) -> None:
    await ctx.db.execute(DELETE_LOGOS, instance_id=ctx.instance.id, organization_id=row.id)
