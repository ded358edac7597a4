"""Public keys and JWT templates, as the application's servers see them."""

from __future__ import annotations

from greffier.server.signing.frontend_api import Jwks
from greffier.server.signing.requests import JwtTemplateRequest
from greffier.server.signing.resources import DeletedJwtTemplate, JwtTemplate, jwt_template
from greffier.server.signing.templates import jwt_templates
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page, PaginatedQuery


@backend_api.get("/v1/jwks", unlimited=True, public=True)
async def get_jwks(ctx: Context) -> Jwks:
    return Jwks(ctx.services.ports.signing.jwks(ctx.instance.id))


@backend_api.get("/v1/jwt_templates")
async def list_jwt_templates(ctx: Context, query: PaginatedQuery) -> list[JwtTemplate] | Page[JwtTemplate]:
    """Newest first."""
    rows = await jwt_templates.list_templates(ctx)
    shown = [jwt_template(row) for row in rows[query.offset : query.offset + query.limit]]
    return Page(shown, len(rows)) if query.paginated else shown


@backend_api.post("/v1/jwt_templates")
async def create_jwt_template(ctx: Context, params: JwtTemplateRequest) -> JwtTemplate:
    return jwt_template(await jwt_templates.create_template(ctx, params))


@backend_api.get("/v1/jwt_templates/{template_id}")
async def get_jwt_template(ctx: Context, template_id: str) -> JwtTemplate:
    return jwt_template(await jwt_templates.get_template(ctx, template_id))


@backend_api.patch("/v1/jwt_templates/{template_id}")
async def update_jwt_template(ctx: Context, template_id: str, params: JwtTemplateRequest) -> JwtTemplate:
    return jwt_template(await jwt_templates.update_template(ctx, template_id, params))


@backend_api.delete("/v1/jwt_templates/{template_id}")
async def delete_jwt_template(ctx: Context, template_id: str) -> DeletedJwtTemplate:
    await jwt_templates.delete_template(ctx, template_id)
    return DeletedJwtTemplate(id=template_id)
