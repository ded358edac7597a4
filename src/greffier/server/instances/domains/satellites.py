"""The satellite domains of an instance as an operator declares them: checked, and written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from greffier.server.instances.document import SettingsError
from greffier.server.instances.queries import ALL_HOSTS, ALL_INSTANCES, DELETE_HOST, INSERT_HOST
from greffier.server.instances.tables import InstanceHostRow, InstanceRow
from greffier.server.store.database import Transaction
from greffier.server.store.ids import new_id
from greffier.server.web.instance.instance import Satellite

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class SatelliteDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[satellites]]` of an instance's file. `host` is `clerk.<domain>` unless it says otherwise."""

    domain: str
    host: str | None = None
    proxy_url: str | None = None

    def satellite(self) -> Satellite:
        return Satellite(
            domain=self.domain, host=self.host or f"clerk.{self.domain}", proxy_url=self.proxy_url
        )


def satellite_problems(given: Sequence[SatelliteDocument]) -> list[str]:
    """The problems that are independent of the instance; each line begins with its path."""
    problems: list[str] = []
    for index, document in enumerate(given):
        at, satellite = f"satellites[{index}]", document.satellite()
        for name, value in (("domain", satellite.domain), ("host", satellite.host)):
            if not HOST_NAME.fullmatch(value):
                problems.append(f"{at}.{name}: {value!r} is not a host name: lower case, no scheme, no port.")
        if not satellite.covers(satellite.host):
            problems.append(f"{at}.host: {satellite.host} is not below {satellite.domain}.")
        if satellite.proxy_url is not None and not _is_proxy_of(satellite, satellite.proxy_url):
            problems.append(
                f"{at}.proxy_url: it must be https, of {satellite.domain}, and without a slash at its end."
            )
        for other in given[:index]:
            if _overlap(other.domain, satellite.domain):
                problems.append(f"{at}.domain: {satellite.domain} and {other.domain} share their cookies.")
    return problems


def _is_proxy_of(satellite: Satellite, url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return False
    plain = re.fullmatch(r"https://[^\s\\@?#]+[^\s\\@?#/]", url) is not None
    return plain and satellite.covers(parts.hostname or "")


def _overlap(one: str, other: str) -> bool:
    """Whether cookies of one domain reach the other."""
    return one == other or one.endswith("." + other) or other.endswith("." + one)


async def check_satellites(
    db: Transaction, row: InstanceRow, wanted: Sequence[Satellite], hosts: Sequence[InstanceHostRow]
) -> None:
    """Whether the instance can have these satellites and no others.

    Args:
        hosts: those of all instances.

    Raises:
        SettingsError: a satellite's domain shares cookies with the instance's own, or its host is taken.
    """
    owners = {other.frontend_api_host: other.id for other in await db.all(ALL_INSTANCES)}
    owners |= {
        host.host: host.instance_id
        for host in hosts
        if host.instance_id != row.id or host.satellite_domain is None
    }
    for index, satellite in enumerate(wanted):
        if row.domain is not None and _overlap(row.domain, satellite.domain):
            raise SettingsError(
                f"satellites[{index}].domain: {satellite.domain} shares the cookies of {row.domain}; pages of"
                " one domain need no satellite."
            )
        if satellite.host in owners:
            raise SettingsError(
                f"satellites[{index}].host: {satellite.host} belongs to instance {owners[satellite.host]}."
            )


async def set_satellites(
    db: Transaction, row: InstanceRow, wanted: tuple[Satellite, ...], now_ms: int
) -> None:
    """Let the instance have these satellites and no others. The caller has locked the row.

    Raises:
        SettingsError: see `check_satellites`.
    """
    hosts = await db.all(ALL_HOSTS)
    await check_satellites(db, row, wanted, hosts)
    former = {h.host: h for h in hosts if h.instance_id == row.id and h.satellite_domain is not None}
    for host in sorted(former):
        await db.execute(DELETE_HOST, instance_id=row.id, host=host)
    for satellite in wanted:
        await db.insert(INSERT_HOST, host_row(row.id, satellite, now_ms, former.get(satellite.host)))


def host_row(
    instance_id: str, satellite: Satellite, now_ms: int, former: InstanceHostRow | None = None
) -> InstanceHostRow:
    """The row of a satellite, in place of a former one."""
    return InstanceHostRow(
        id=former.id if former else new_id("dmn", now_ms=now_ms),
        instance_id=instance_id,
        host=satellite.host,
        created_at=former.created_at if former else now_ms,
        satellite_domain=satellite.domain,
        proxy_url=satellite.proxy_url,
    )
