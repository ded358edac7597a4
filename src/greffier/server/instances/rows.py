"""From the row of an instance to what requests see of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from greffier.sdk.keys import cookie_suffix
from greffier.server.instances.tables import InstanceHostRow, InstanceRow
from greffier.server.web.instance import Instance, Satellite
from greffier.server.web.instance_settings import InstanceSettings


def instance_of(row: InstanceRow, hosts: Iterable[InstanceHostRow] = ()) -> Instance:
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
    )


def satellites_of(instance_id: str, hosts: Iterable[InstanceHostRow]) -> list[Satellite]:
    return [
        Satellite(domain=host.satellite_domain, host=host.host, proxy_url=host.proxy_url)
        for host in hosts
        if host.instance_id == instance_id and host.satellite_domain is not None
    ]
