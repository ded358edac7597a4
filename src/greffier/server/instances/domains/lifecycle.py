"""Satellite domains as an instance's backend manages them: they come, change and go."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.instances.administration import lock_instance, save_instance
from greffier.server.instances.document import SettingsError
from greffier.server.instances.domains.satellites import (
    SatelliteDocument,
    check_satellites,
    host_row,
    satellite_problems,
)
from greffier.server.instances.queries import ALL_HOSTS, DELETE_HOST, INSERT_HOST, UPDATE_HOST
from greffier.server.instances.tables import InstanceHostRow, InstanceRow
from greffier.server.store.database import UniqueViolation
from greffier.server.web.context import Context

_TAKEN = "domain: its host is that of another domain."


async def satellite_rows(ctx: Context) -> list[InstanceHostRow]:
    """The satellites of the instance, newest first."""
    rows = _own(ctx, await ctx.db.all(ALL_HOSTS))
    return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)


def _own(ctx: Context, hosts: Sequence[InstanceHostRow]) -> list[InstanceHostRow]:
    return [h for h in hosts if h.instance_id == ctx.instance.id and h.satellite_domain is not None]


async def add_satellite(ctx: Context, name: str, proxy_url: str | None) -> InstanceHostRow:
    """A new satellite with this domain.

    Raises:
        ApiError: 422 when the name or the proxy's URL cannot be used, or is taken.
    """
    row = await lock_instance(ctx.db, ctx.instance.id)
    hosts = await ctx.db.all(ALL_HOSTS)
    satellite = await _checked(ctx, row, hosts, _document(ctx, name, proxy_url))
    added = host_row(row.id, satellite.satellite(), ctx.now)
    try:
        await ctx.db.insert(INSERT_HOST, added)
    except UniqueViolation:
        raise _refused(_TAKEN) from None
    await save_instance(ctx.db, row, ctx.now)  # so that serving processes notice
    return added


async def change_satellite(
    ctx: Context,
    domain_id: str,
    name: str | msgspec.UnsetType | None,
    proxy_url: str | msgspec.UnsetType | None,
) -> InstanceHostRow:
    """Another name or another proxy. A new name has the host `clerk.<name>`.

    Raises:
        ApiError: 404 when it is no satellite, 422 as `add_satellite`.
    """
    row, hosts, former = await _lock_satellite(ctx, domain_id)
    former_name = former.satellite_domain or ""
    name = name or former_name
    document = _document(ctx, name, former.proxy_url if proxy_url is msgspec.UNSET else proxy_url)
    if document.domain == former_name:
        document = msgspec.structs.replace(document, host=former.host)
    others = [host for host in hosts if host.id != former.id]
    checked = await _checked(ctx, row, others, document)
    changed = host_row(row.id, checked.satellite(), ctx.now, former)
    try:
        await ctx.db.save(UPDATE_HOST, changed)
    except UniqueViolation:
        raise _refused(_TAKEN) from None
    await save_instance(ctx.db, row, ctx.now)
    return changed


async def remove_satellite(ctx: Context, domain_id: str) -> None:
    """Raises: ApiError: 404 when it is no satellite of the instance."""
    row, _, former = await _lock_satellite(ctx, domain_id)
    await ctx.db.execute(DELETE_HOST, instance_id=row.id, host=former.host)
    await save_instance(ctx.db, row, ctx.now)


async def _lock_satellite(
    ctx: Context, domain_id: str
) -> tuple[InstanceRow, Sequence[InstanceHostRow], InstanceHostRow]:
    row = await lock_instance(ctx.db, ctx.instance.id)
    hosts = await ctx.db.all(ALL_HOSTS)
    found = next((host for host in _own(ctx, hosts) if host.id == domain_id), None)
    if found is None:
        raise errors.not_found("domain")
    return row, hosts, found


def _document(ctx: Context, name: str, proxy_url: str | None) -> SatelliteDocument:
    if not ctx.instance.is_development:
        return SatelliteDocument(domain=name, proxy_url=proxy_url)
    if proxy_url is not None:
        raise errors.domain_without_proxy()
    # Pages of a satellite in development are recognised by their host; ports come and go.
    return SatelliteDocument(domain=name.partition(":")[0])


async def _checked(
    ctx: Context, row: InstanceRow, hosts: Sequence[InstanceHostRow], document: SatelliteDocument
) -> SatelliteDocument:
    """Args: hosts: the other hosts of all instances."""
    others = [
        SatelliteDocument(domain=host.satellite_domain or "", host=host.host, proxy_url=host.proxy_url)
        for host in _own(ctx, hosts)
    ]
    problems = satellite_problems([*others, document])
    if problems:
        raise _refused(problems[-1])
    if document.satellite().host in {host.host for host in _own(ctx, hosts)}:
        raise _refused(_TAKEN)
    try:
        await check_satellites(ctx.db, row, [document.satellite()], hosts)
    except SettingsError as error:
        # Without the id of the other instance, which is confidential here.
        raise _refused(error.problems[0].partition(" belongs to")[0]) from None
    return document


def _refused(problem: str) -> ApiError:
    path, _, why = problem.partition(": ")
    param = "proxy_url" if path.endswith("proxy_url") else "name"
    return errors.invalid_params(errors.param_format_invalid(param, why))
