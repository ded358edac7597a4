"""Users as an application's backend sees them."""

from __future__ import annotations

import msgspec

from greffier.server.users import creation, deletion, update
from greffier.server.users.images import profile_images as images
from greffier.server.users.passwords import administration as backend_passwords
from greffier.server.users.profile.metadata import merge, replace
from greffier.server.users.requests import (
    CreateUserRequest,
    RemovePasswordRequest,
    SetCompromisedRequest,
    UpdateUserRequest,
    UserIdsRequest,
    UserMetadataRequest,
    VerifyPasswordRequest,
)
from greffier.server.users.resources import BackendUser, TotalCount, backend_user, backend_users
from greffier.server.users.restrictions import administration as restrictions
from greffier.server.users.search import UserFilters, UserListQuery, count_users, list_users
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_object
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.uploads import ImageRequest


@backend_api.get("/v1/users")
async def get_user_list(ctx: Context, query: UserListQuery) -> list[BackendUser]:
    """An array whatever `paginated` says; SDKs ask for the count apart."""
    return await backend_users(ctx, await list_users(ctx, query))


@backend_api.get("/v1/users/count")
async def get_users_count(ctx: Context, query: UserFilters) -> TotalCount:
    return TotalCount(total_count=await count_users(ctx, query))


@backend_api.post("/v1/users")
async def create_user(ctx: Context, params: CreateUserRequest) -> BackendUser:
    return await backend_user(ctx, await creation.create_user(ctx, params))


@backend_api.get("/v1/users/{user_id}")
async def get_user(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await update.get_user(ctx, user_id))


@backend_api.patch("/v1/users/{user_id}", limit=per_object(10))
async def update_user(ctx: Context, user_id: str, params: UpdateUserRequest) -> BackendUser:
    return await backend_user(ctx, await update.update_user(ctx, user_id, params))


@backend_api.delete("/v1/users/{user_id}")
async def delete_user(ctx: Context, user_id: str) -> DeletedObject:
    user = await deletion.delete_user(ctx, user_id)
    return DeletedObject(id=user.id, object="user", external_id=user.external_id or msgspec.UNSET)


@backend_api.patch("/v1/users/{user_id}/metadata", limit=per_object(10))
async def update_user_metadata(ctx: Context, user_id: str, params: UserMetadataRequest) -> BackendUser:
    return await backend_user(ctx, await update.change_metadata(ctx, user_id, params, merge))


@backend_api.put("/v1/users/{user_id}/metadata", limit=per_object(10))
async def replace_user_metadata(ctx: Context, user_id: str, params: UserMetadataRequest) -> BackendUser:
    return await backend_user(ctx, await update.change_metadata(ctx, user_id, params, replace))


class VerifiedPassword(msgspec.Struct):
    verified: bool = True


@backend_api.post("/v1/users/{user_id}/verify_password")
async def verify_password(ctx: Context, user_id: str, params: VerifyPasswordRequest) -> VerifiedPassword:
    await backend_passwords.require_password(ctx, user_id, params.password)
    return VerifiedPassword()


@backend_api.post("/v1/users/{user_id}/remove_password")
async def remove_user_password(ctx: Context, user_id: str, params: RemovePasswordRequest) -> BackendUser:
    sign_out = bool(params.sign_out_of_other_sessions)
    return await backend_user(ctx, await backend_passwords.remove_password(ctx, user_id, sign_out=sign_out))


@backend_api.post("/v1/users/{user_id}/password/set_compromised")
async def set_user_password_compromised(
    ctx: Context, user_id: str, params: SetCompromisedRequest
) -> BackendUser:
    revoke = bool(params.revoke_all_sessions)
    user = await backend_passwords.set_compromised(ctx, user_id, revoke_sessions=revoke)
    return await backend_user(ctx, user)


@backend_api.post("/v1/users/{user_id}/password/unset_compromised")
async def unset_user_password_compromised(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await backend_passwords.unset_compromised(ctx, user_id))


@backend_api.post("/v1/users/{user_id}/ban")
async def ban_user(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await restrictions.ban(ctx, user_id))


@backend_api.post("/v1/users/{user_id}/unban")
async def unban_user(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await restrictions.unban(ctx, user_id))


@backend_api.post("/v1/users/ban")
async def users_ban(ctx: Context, params: UserIdsRequest) -> list[BackendUser]:
    return await backend_users(ctx, await restrictions.ban_all(ctx, params.user_ids))


@backend_api.post("/v1/users/unban")
async def users_unban(ctx: Context, params: UserIdsRequest) -> list[BackendUser]:
    return await backend_users(ctx, await restrictions.unban_all(ctx, params.user_ids))


@backend_api.post("/v1/users/{user_id}/lock")
async def lock_user(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await restrictions.lock(ctx, user_id))


@backend_api.post("/v1/users/{user_id}/unlock")
async def unlock_user(ctx: Context, user_id: str) -> BackendUser:
    return await backend_user(ctx, await restrictions.unlock(ctx, user_id))


@backend_api.post("/v1/users/{user_id}/profile_image", upload=True, limit=per_object(10))
async def set_user_profile_image(ctx: Context, user_id: str, params: ImageRequest) -> BackendUser:
    return await backend_user(ctx, await images.set_profile_image(ctx, user_id, params.file))


@backend_api.delete("/v1/users/{user_id}/profile_image")
async def delete_user_profile_image(ctx: Context, user_id: str) -> BackendUser:
    user, _ = await images.delete_profile_image(ctx, user_id)
    return await backend_user(ctx, user)
