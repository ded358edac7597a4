"""Applications as the instance's own backend sees them, and the tokens that they were given."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.oauth_provider.applications import lifecycle as applications
from greffier.server.oauth_provider.applications.listing import OAuthApplicationListQuery, list_applications
from greffier.server.oauth_provider.applications.requests import (
    OAuthApplicationPatch,
    OAuthApplicationRequest,
)
from greffier.server.oauth_provider.applications.resources import (
    OAuthApplication,
    OAuthApplicationWithSecret,
    oauth_application,
    with_secret,
)
from greffier.server.oauth_provider.instance_settings import (
    OAuthApplicationSettings,
    change_settings,
    get_settings,
)
from greffier.server.oauth_provider.requests import OAuthApplicationSettingsPatch
from greffier.server.oauth_provider.tokens.introspection import revoke_token_of, verify_access_token
from greffier.server.oauth_provider.tokens.requests import (
    AccessTokenVerificationRequest,
    TokenRevocationRequest,
)
from greffier.server.oauth_provider.tokens.resources import OAuthAccessToken
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_object
from greffier.server.web.operations.declaration import NoContent, backend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.pagination import Page
from greffier.server.web.operations.uploads import LogoRequest


@backend_api.get("/v1/oauth_applications")
async def list_oauth_applications(ctx: Context, query: OAuthApplicationListQuery) -> Page[OAuthApplication]:
    rows, total = await list_applications(ctx, query)
    return Page([oauth_application(ctx, row) for row in rows], total)


@backend_api.post("/v1/oauth_applications")
async def create_oauth_application(
    ctx: Context, params: OAuthApplicationRequest
) -> OAuthApplicationWithSecret:
    return with_secret(ctx, *await applications.create_application(ctx, params))


@backend_api.get("/v1/oauth_applications/{oauth_application_id}")
async def get_oauth_application(ctx: Context, oauth_application_id: str) -> OAuthApplication:
    return oauth_application(ctx, await applications.get_application(ctx, oauth_application_id))


@backend_api.patch("/v1/oauth_applications/{oauth_application_id}")
async def update_oauth_application(
    ctx: Context, oauth_application_id: str, params: OAuthApplicationPatch
) -> OAuthApplication:
    return oauth_application(ctx, await applications.update_application(ctx, oauth_application_id, params))


@backend_api.delete("/v1/oauth_applications/{oauth_application_id}")
async def delete_oauth_application(ctx: Context, oauth_application_id: str) -> DeletedObject:
    await applications.delete_application(ctx, oauth_application_id)
    return DeletedObject(id=oauth_application_id, object="oauth_application")


@backend_api.put(
    "/v1/oauth_applications/{oauth_application_id}/logo",
    upload=True,
    invalid_status=400,
    limit=per_object(10),
)
async def upload_oauth_application_logo(
    ctx: Context, oauth_application_id: str, params: LogoRequest
) -> OAuthApplication:
    return oauth_application(ctx, await applications.set_logo(ctx, oauth_application_id, params.file))


@backend_api.post("/v1/oauth_applications/{oauth_application_id}/rotate_secret")
async def rotate_oauth_application_secret(
    ctx: Context, oauth_application_id: str
) -> OAuthApplicationWithSecret:
    return with_secret(ctx, *await applications.rotate_secret(ctx, oauth_application_id))


@backend_api.post("/v1/oauth_applications/{oauth_application_id}/revoke_token")
async def revoke_oauth_application_token(
    ctx: Context, oauth_application_id: str, params: TokenRevocationRequest
) -> NoContent:
    await revoke_token_of(ctx, oauth_application_id, params.token)
    return NoContent()


@backend_api.post("/v1/oauth_applications/access_tokens/verify", invalid_status=400)
async def verify_oauth_access_token(ctx: Context, params: AccessTokenVerificationRequest) -> OAuthAccessToken:
    token = params.access_token or params.secret or params.token
    if not token:
        raise errors.invalid_params(errors.param_missing("access_token"))
    return await verify_access_token(ctx, token)


@backend_api.get("/v1/instance/oauth_application_settings")
async def get_instance_oauth_application_settings(ctx: Context) -> OAuthApplicationSettings:
    return await get_settings(ctx)


@backend_api.patch("/v1/instance/oauth_application_settings")
async def update_instance_oauth_application_settings(
    ctx: Context, params: OAuthApplicationSettingsPatch
) -> OAuthApplicationSettings:
    return await change_settings(ctx, params)
