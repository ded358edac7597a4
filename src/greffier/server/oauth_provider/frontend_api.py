"""The provider as applications and browsers see it. Requests of applications are open to any page: no cookie
is read.
"""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.oauth_provider.applications.client_authentication import (
    authenticate_client,
    require_confidential,
)
from greffier.server.oauth_provider.applications.redirect_uris import with_parameters
from greffier.server.oauth_provider.applications.registration import register_client
from greffier.server.oauth_provider.applications.requests import RegistrationRequest
from greffier.server.oauth_provider.authorization.consents import ConsentInfo, consent_info
from greffier.server.oauth_provider.authorization.flow import authorize, decide
from greffier.server.oauth_provider.authorization.requests import AuthorizationForm, ConsentForm, ConsentQuery
from greffier.server.oauth_provider.authorization.responses import (
    go_to,
    oauth_refusal,
    registration_refusal,
)
from greffier.server.oauth_provider.discovery import (
    AuthorizationServerMetadata,
    OpenIDConfiguration,
    authorization_server_metadata,
    open_id_configuration,
)
from greffier.server.oauth_provider.tokens.exchange import create_tokens
from greffier.server.oauth_provider.tokens.introspection import TokenInfo, describe_token, revoke_presented
from greffier.server.oauth_provider.tokens.requests import (
    RevocationForm,
    TokenForm,
    TokenInfoForm,
    UserInfoForm,
)
from greffier.server.oauth_provider.tokens.token_issuance import Tokens
from greffier.server.oauth_provider.tokens.userinfo import user_info
from greffier.server.web.context import Context
from greffier.server.web.http.small_pages import refusal_for_people
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import Created, Raw, frontend_api


@frontend_api.get("/.well-known/openid-configuration", no_envelope=True, from_memory=True)
async def get_open_id_configuration(ctx: Context) -> OpenIDConfiguration:
    return open_id_configuration(ctx)


@frontend_api.get("/.well-known/oauth-authorization-server", no_envelope=True, from_memory=True)
async def get_oauth2_authorization_server_metadata(ctx: Context) -> AuthorizationServerMetadata:
    return authorization_server_metadata(ctx)


@frontend_api.get("/oauth/authorize", no_envelope=True, invalid_status=400, write_refusal=refusal_for_people)
async def request_oauth_authorize(ctx: Context) -> Raw:
    return await authorize(ctx, ctx.request.query)


@frontend_api.post(
    "/oauth/authorize",
    no_envelope=True,
    invalid_status=400,
    any_origin=True,
    write_refusal=refusal_for_people,
)
async def request_oauth_authorize_post(ctx: Context, params: AuthorizationForm) -> Raw:
    """Another site's form comes without the client's cookie, the navigation to which it leads with it."""
    pairs = {name: values[0] for name, values in params.given().items() if len(values) == 1}
    if len(pairs) != len(params.given()):
        raise errors.oauth_invalid_request("Each parameter must be given once.")
    return go_to(with_parameters(f"{ctx.public_url}/oauth/authorize", pairs))


@frontend_api.get("/v1/me/oauth/consent/{client_id}", no_envelope=True)
async def get_oauth_consent(ctx: Context, client_id: str, query: ConsentQuery) -> ConsentInfo:
    return await consent_info(ctx, client_id, query.scope, query.redirect_uri)


@frontend_api.post(
    "/v1/me/oauth/consent/{client_id}",
    no_envelope=True,
    write_refusal=refusal_for_people,
    limit=per_address(10),
)
async def submit_oauth_consent(ctx: Context, client_id: str, params: ConsentForm) -> Raw:
    """A form that the browser sends. It must say from which page: only those of allowed origins get here."""
    if ctx.request.origin is None:
        raise errors.origin_invalid("(absent)")
    given = params.given() | {"client_id": [client_id]}
    return await decide(ctx, given, consented=params.consented == "true")


@frontend_api.post(
    "/oauth/token",
    no_envelope=True,
    invalid_status=400,
    any_origin=True,
    write_refusal=oauth_refusal,
    limit=per_address(200),  # an application's server asks for all of its users
)
async def get_oauth_token(ctx: Context, params: TokenForm) -> Tokens:
    return await create_tokens(ctx, params)


@frontend_api.get("/oauth/userinfo", no_envelope=True, any_origin=True)
async def get_oauth_user_info(ctx: Context) -> dict[str, Any]:
    return await user_info(ctx)


@frontend_api.post("/oauth/userinfo", no_envelope=True, any_origin=True)
async def get_oauth_user_info_post(ctx: Context, params: UserInfoForm) -> dict[str, Any]:
    return await user_info(ctx, params.access_token)


@frontend_api.post("/oauth/token_info", no_envelope=True, any_origin=True)
async def get_oauth_token_info(ctx: Context, params: TokenInfoForm) -> TokenInfo:
    return await describe_token(ctx, await require_confidential(ctx, params), params)


@frontend_api.post(
    "/oauth/token/revoke",
    no_envelope=True,
    invalid_status=400,
    any_origin=True,
    write_refusal=oauth_refusal,
    limit=per_address(200),
)
async def revoke_oauth_token(ctx: Context, params: RevocationForm) -> Raw:
    await revoke_presented(ctx, await authenticate_client(ctx, params), params)
    return Raw(200, {"cache-control": "no-store"})


@frontend_api.post(
    "/oauth/register",
    no_envelope=True,
    any_origin=True,
    write_refusal=registration_refusal,
    limit=per_address(5),
)
async def register_oauth_client(ctx: Context, params: RegistrationRequest) -> Created:
    return Created(await register_client(ctx, params))
