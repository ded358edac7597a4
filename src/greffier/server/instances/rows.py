"""From the row of an instance to what requests see of it."""

from __future__ import annotations

import msgspec

from greffier.sdk.keys import cookie_suffix
from greffier.server.instances.tables import InstanceRow
from greffier.server.web.instance import Instance
from greffier.server.web.instance_settings import InstanceSettings


def instance_of(row: InstanceRow) -> Instance:
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
    )
