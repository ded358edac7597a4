"""From the row of an instance to what requests see of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from greffier.sdk.keys import cookie_suffix
from greffier.server.instances.tables import InstanceHostRow, InstanceRow
from greffier.server.web.http.hosts import accounts_host, hostname_of
from greffier.server.web.instance.instance import Instance, Satellite
from greffier.server.web.instance.settings import InstanceSettings


def instance_of(row: InstanceRow, hosts: Sequence[InstanceHostRow] = ()) -> Instance:
    """Args: hosts: of any instance; those of this one's satellites count."""
    return Instance(
        id=row.id,
        environment=row.environment,
        publishable_key=row.publishable_key,
        frontend_api_host=row.frontend_api_host,
        domain=row.domain,
        code_key=row.code_key,
        settings=msgspec.convert(row.settings, InstanceSettings),
        issuer=f"https://{row.frontend_api_host}",
        cookie_suffix=cookie_suffix(row.publishable_key),
        satellites=tuple(satellites_of(row.id, hosts)),
        hosts=frozenset(_primary_hosts(row, hosts)),
    )


def _primary_hosts(row: InstanceRow, hosts: Iterable[InstanceHostRow]) -> Iterator[str]:
    yield hostname_of(row.frontend_api_host)
    yield from (host.host for host in hosts if host.instance_id == row.id and host.satellite_domain is None)
    accounts = accounts_host(row.frontend_api_host)
    if accounts is not None and row.environment == "production":
        yield accounts


def satellites_of(instance_id: str, hosts: Iterable[InstanceHostRow]) -> list[Satellite]:
    return [
        Satellite(domain=host.satellite_domain, host=host.host, proxy_url=host.proxy_url)
        for host in hosts
        if host.instance_id == instance_id and host.satellite_domain is not None
    ]
