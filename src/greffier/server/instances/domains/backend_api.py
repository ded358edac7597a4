"""The instance's domains, as its backend sees them."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.instances.domains import lifecycle as domains
from greffier.server.instances.domains.requests import DomainPatch, DomainRequest
from greffier.server.instances.tables import InstanceHostRow
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page


class CNameTarget(msgspec.Struct, kw_only=True):
    """A record of the name system that the domain needs. Contract: `CNameTarget`."""

    host: str
    value: str
    required: bool = True


class Domain(msgspec.Struct, kw_only=True):
    """Contract: `Domain`."""

    object: Literal["domain"] = "domain"
    id: str
    name: str
    is_satellite: bool
    frontend_api_url: str
    accounts_portal_url: str | None = None
    proxy_url: str | None = None
    development_origin: str = ""
    cname_targets: list[CNameTarget] = []


class DeletedDomain(msgspec.Struct, kw_only=True):
    """Contract: `DeletedObject`."""

    object: Literal["domain"] = "domain"
    id: str
    deleted: bool = True


def _primary_id(ctx: Context) -> str:
    """The primary domain has no row of its own."""
    return f"dmn_{ctx.instance.id.partition('_')[2]}"


def _primary(ctx: Context) -> Domain:
    host = ctx.instance.frontend_api_host
    return Domain(
        id=_primary_id(ctx),
        name=ctx.instance.domain or host.removeprefix("clerk."),
        is_satellite=False,
        frontend_api_url=ctx.instance.issuer,
        accounts_portal_url=ctx.public_url,
    )


def _satellite(ctx: Context, row: InstanceHostRow) -> Domain:
    record = CNameTarget(host=row.host, value=ctx.instance.frontend_api_host)
    needs_record = row.proxy_url is None and not ctx.instance.is_development
    return Domain(
        id=row.id,
        name=row.satellite_domain or "",
        is_satellite=True,
        frontend_api_url=row.proxy_url or f"https://{row.host}",
        proxy_url=row.proxy_url,
        cname_targets=[record] if needs_record else [],
    )


@backend_api.get("/v1/domains")
async def list_domains(ctx: Context) -> Page[Domain]:
    """Newest first; the primary domain was there before all satellites."""
    found = [_satellite(ctx, row) for row in await domains.satellite_rows(ctx)]
    return Page([*found, _primary(ctx)], len(found) + 1)


@backend_api.post("/v1/domains")
async def add_domain(ctx: Context, params: DomainRequest) -> Domain:
    if not params.is_satellite:
        raise errors.primary_domain_exists()
    return _satellite(ctx, await domains.add_satellite(ctx, params.name, params.proxy_url))


@backend_api.patch("/v1/domains/{domain_id}")
async def update_domain(ctx: Context, domain_id: str, params: DomainPatch) -> Domain:
    """The primary domain is changed in the instance's file, because its keys and cookies hang on it."""
    if params.is_secondary:
        raise errors.invalid_params(errors.param_not_enabled("is_secondary"))
    if domain_id == _primary_id(ctx):
        for name, given, present in (
            ("name", params.name, _primary(ctx).name),
            ("proxy_url", params.proxy_url, None),
        ):
            if given not in (msgspec.UNSET, None, present):
                raise errors.invalid_params(errors.param_value_invalid(name, str(given)))
        return _primary(ctx)
    return _satellite(ctx, await domains.change_satellite(ctx, domain_id, params.name, params.proxy_url))


@backend_api.delete("/v1/domains/{domain_id}")
async def delete_domain(ctx: Context, domain_id: str) -> DeletedDomain:
    if domain_id == _primary_id(ctx):
        raise errors.not_on_primary()
    await domains.remove_satellite(ctx, domain_id)
    return DeletedDomain(id=domain_id)
