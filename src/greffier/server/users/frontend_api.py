"""The signed-in user, as browsers see them."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import make_primary
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.users import deletion
from greffier.server.users.images import profile_images as images
from greffier.server.users.lookup import find_locked_user, find_user
from greffier.server.users.lookup import get_user as get_row
from greffier.server.users.passwords.own_password import change_own_password, remove_own_password
from greffier.server.users.profile.metadata import check_size, merge
from greffier.server.users.profile.names import name_problems
from greffier.server.users.requests import (
    ChangePasswordRequest,
    MePatch,
    MetadataPatch,
    RemoveOwnPasswordRequest,
    ServiceTokenRequest,
    UserMetadataRequest,
)
from greffier.server.users.resources import FrontendUser, frontend_user, image_url, may_delete_self
from greffier.server.users.tables import UserRow
from greffier.server.users.update import change_metadata, save_user
from greffier.server.users.usernames.choosing import choose_username, require_usernames
from greffier.server.versions.v2026_05_12 import METADATA_HAS_OWN_OPERATIONS
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, Reverification, frontend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.uploads import ImageRequest

BY_PASSWORD = Reverification(first_factor_in="current_password")


class Image(msgspec.Struct, kw_only=True):
    """Contract: `Image`."""

    object: str = "image"
    id: str
    name: str
    public_url: str


@frontend_api.get("/v1/me")
async def get_user(ctx: Context) -> FrontendUser:
    caller = await ctx.require_session()
    user = await find_user(ctx, caller.user_id)
    if user is None:
        raise errors.signed_out()
    return await frontend_user(ctx, user)


@frontend_api.patch("/v1/me", reverification=Reverification(parameters="username|primary_.*_id"))
async def patch_user(ctx: Context, params: MePatch, rest: Parameters) -> FrontendUser:
    caller = await ctx.require_session()
    if problems := name_problems(params.first_name, params.last_name):
        raise errors.invalid_params(*problems)
    user = await find_locked_user(ctx, caller.user_id)
    if user is None:
        raise errors.signed_out()
    changes: dict[str, Any] = {}
    for name in ("first_name", "last_name"):
        value = getattr(params, name)
        if value is not msgspec.UNSET:
            changes[name] = value or None
            _require_mutable(ctx, user, name, changes[name])
    if params.username is not msgspec.UNSET:
        changes["username"] = await _own_username(ctx, user, params.username)
        _require_mutable(ctx, user, "username", changes["username"])
    if params.unsafe_metadata is not msgspec.UNSET and not METADATA_HAS_OWN_OPERATIONS.applies(ctx.version):
        changes["unsafe_metadata"] = params.unsafe_metadata or {}
        check_size({"unsafe_metadata": changes["unsafe_metadata"]})
    for kind in verifiable_kinds():
        param = f"primary_{kind.name}_id"
        if (wanted := rest.text(param)) is not msgspec.UNSET:
            await make_primary(ctx, user.id, kind.name, wanted or "", param=param)
    changed = await save_user(ctx, user, **changes)
    return await frontend_user(ctx, changed)


def _require_mutable(ctx: Context, user: UserRow, name: str, wanted: str | None) -> None:
    """Raises: ApiError: 403 when the user has the attribute for good, and wants another value."""
    former = getattr(user, name)
    if former is not None and wanted != former and ctx.instance.settings.attribute(name).immutable:
        raise errors.attribute_immutable(name)


async def _own_username(ctx: Context, user: UserRow, text: str | None) -> str | None:
    if text:
        return await choose_username(ctx, text, own=user.username)
    require_usernames(ctx)
    if ctx.instance.settings.attribute("username").required:
        raise errors.invalid_params(errors.param_nil("username"))
    can_sign_in = ctx.services.ports.strategies.can_sign_in
    if (
        user.username
        and await can_sign_in(ctx, user.id)
        and not await can_sign_in(ctx, user.id, username=None)
    ):
        raise errors.last_identification()
    return None


@frontend_api.delete("/v1/me", reverification=REVERIFIED)
async def delete_user(ctx: Context) -> DeletedObject:
    """Delete one's own account, with all its data."""
    caller = await ctx.require_session()
    user = await get_row(ctx, caller.user_id)
    if not may_delete_self(ctx, user):
        raise errors.delete_self_not_enabled()
    await deletion.delete_user(ctx, user.id)
    return DeletedObject(id=user.id, object="user")


@frontend_api.post("/v1/me/change_password", limit=per_address(3), reverification=BY_PASSWORD)
async def change_password(ctx: Context, params: ChangePasswordRequest) -> FrontendUser:
    caller = await ctx.require_session()
    changed = await change_own_password(
        ctx,
        caller,
        params.current_password,
        params.new_password,
        sign_out_others=bool(params.sign_out_of_other_sessions),
    )
    return await frontend_user(ctx, changed)


@frontend_api.post("/v1/me/remove_password", limit=per_address(3), reverification=BY_PASSWORD)
async def remove_password(ctx: Context, params: RemoveOwnPasswordRequest) -> FrontendUser:
    caller = await ctx.require_session()
    changed = await remove_own_password(ctx, caller, params.current_password)
    return await frontend_user(ctx, changed)


@frontend_api.patch("/v1/me/metadata")
async def patch_user_metadata(ctx: Context, params: MetadataPatch) -> FrontendUser:
    """Merged deeply; `null` removes a key."""
    caller = await ctx.require_session()
    request = UserMetadataRequest(unsafe_metadata=params.unsafe_metadata)
    changed = await change_metadata(ctx, caller.user_id, request, merge)
    return await frontend_user(ctx, changed)


@frontend_api.post("/v1/me/tokens")
async def create_service_token(ctx: Context, params: ServiceTokenRequest) -> FrontendUser:
    """A token for another service. This server integrates none, so that whichever is named is not found."""
    await ctx.require_session()
    raise errors.not_found(f"integration {params.service[:64]!r}")


@frontend_api.post("/v1/me/profile_image", upload=True, limit=per_address(5))
async def update_profile_image(ctx: Context, params: ImageRequest) -> Image:
    caller = await ctx.require_session()
    user = await images.set_profile_image(ctx, caller.user_id, params.file)
    url = image_url(ctx, user)
    return Image(id=user.image_id or "", name=url.rpartition("/")[2], public_url=url)


@frontend_api.delete("/v1/me/profile_image")
async def delete_profile_image(ctx: Context) -> DeletedObject:
    caller = await ctx.require_session()
    _, image_id = await images.delete_profile_image(ctx, caller.user_id)
    return DeletedObject(id=image_id, object="image")
