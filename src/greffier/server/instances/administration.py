"""Instances as an operator manages them: found by name, listed, changed. Making one also needs a signing key,
so that is in `provisioning.py`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.sdk.errors import InvalidKey
from greffier.sdk.keys import decode_publishable_key, secret_key_instance_type
from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.creation import add_secret_key, new_development_host
from greffier.server.instances.document import SettingsError, convert, read_settings
from greffier.server.instances.domains.satellites import (
    HOST_NAME,
    SatelliteDocument,
    satellite_problems,
    set_satellites,
)
from greffier.server.instances.queries import (
    ALL_HOSTS,
    ALL_INSTANCES,
    DELETE_HOST,
    FIND_SECRET_KEY,
    INSERT_HOST,
    LOCK_INSTANCE,
    UPDATE_INSTANCE,
)
from greffier.server.instances.rows import instance_of, satellites_of
from greffier.server.instances.sealing import sealed_settings, unsealed
from greffier.server.instances.tables import InstanceHostRow, InstanceRow
from greffier.server.store.database import Transaction, UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.web.instance.instance import Satellite
from greffier.server.web.instance.settings import InstanceSettings

_SHORTEST_SECRET_KEY = 40


class InstanceDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The file that `greffier instances create` and `update` read."""

    environment: Literal["development", "production"] | None = None
    publishable_key: str | None = None
    secret_keys: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    domain: str | None = None
    satellites: tuple[SatelliteDocument, ...] = ()
    settings: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"InstanceDocument(hosts={self.hosts!r})"  # no secret keys


class CheckedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that can be used; `None` where it says nothing."""

    environment: str | None
    publishable_key: str | None
    secret_keys: tuple[str, ...]
    hosts: tuple[str, ...] | None
    domain: str | None
    satellites: tuple[Satellite, ...] | None
    settings: InstanceSettings | None

    def __repr__(self) -> str:
        return f"CheckedDocument(hosts={self.hosts!r})"


def read_instance_document(document: dict[str, Any]) -> CheckedDocument:
    """Check what can be checked without the database.

    Raises:
        SettingsError: with a line for everything that is wrong.
    """
    given: InstanceDocument = convert(document, InstanceDocument)
    problems: list[str] = []
    environment = given.environment
    if given.publishable_key is not None:
        try:
            of_key = decode_publishable_key(given.publishable_key).instance_type.value
        except InvalidKey as error:
            raise SettingsError(f"publishable_key: {error}") from None
        if environment not in (None, of_key):
            problems.append(f"publishable_key: it is of a {of_key} instance, not of a {environment} one.")
        environment = of_key
    problems += _host_problems(given) + satellite_problems(given.satellites)
    problems += _secret_key_problems(given.secret_keys, environment)
    if problems:
        raise SettingsError(*problems)
    return CheckedDocument(
        environment=environment,
        publishable_key=given.publishable_key,
        secret_keys=given.secret_keys,
        hosts=given.hosts if "hosts" in document else None,
        domain=given.domain,
        satellites=tuple(s.satellite() for s in given.satellites) if "satellites" in document else None,
        settings=read_settings(given.settings, at="settings.") if "settings" in document else None,
    )


def _host_problems(given: InstanceDocument) -> list[str]:
    names = [(f"hosts[{index}]", host) for index, host in enumerate(given.hosts)]
    if given.domain is not None:
        names.append(("domain", given.domain))
    return [
        f"{path}: {name!r} is not a host name, such as clerk.example.com: lower case, no scheme, no port."
        for path, name in names
        if not HOST_NAME.fullmatch(name)
    ]


def _secret_key_problems(keys: tuple[str, ...], environment: str | None) -> list[str]:
    problems: list[str] = []
    for index, key in enumerate(keys):
        try:
            kind = secret_key_instance_type(key).value
        except InvalidKey as error:
            problems.append(f"secret_keys[{index}]: {error}")
            continue
        if environment is not None and kind != environment:
            problems.append(f"secret_keys[{index}]: it is of a {kind} instance, not of a {environment} one.")
        elif len(key) < _SHORTEST_SECRET_KEY:
            problems.append(f"secret_keys[{index}]: it needs {_SHORTEST_SECRET_KEY} characters at least.")
    return problems


def frontend_api_host(document: CheckedDocument) -> str:
    """The host of a new instance: of its key, the first that is named, `clerk.<domain>`, or an invented one.

    Raises:
        SettingsError: a production instance needs its application's domain.
    """
    production = document.environment == "production"
    if production and document.domain is None:
        raise SettingsError("domain: a production instance needs the domain of its application.")
    if document.publishable_key is not None:
        return decode_publishable_key(document.publishable_key).frontend_api
    if document.hosts:
        return document.hosts[0]
    return f"clerk.{document.domain}" if production else new_development_host()


async def all_instances(db: Transaction) -> list[InstanceRow]:
    """Every instance, oldest first."""
    return [unsealed(db, row) for row in await db.all(ALL_INSTANCES)]


async def hosts_of(db: Transaction, row: InstanceRow) -> list[str]:
    """The hosts at which an instance answers on its primary domain, that of its publishable key first."""
    hosts = await db.all(ALL_HOSTS)
    others = [h.host for h in hosts if h.instance_id == row.id and h.satellite_domain is None]
    return [row.frontend_api_host, *others]


async def satellite_domains_of(db: Transaction, row: InstanceRow) -> list[Satellite]:
    """The satellite domains of an instance."""
    return satellites_of(row.id, await db.all(ALL_HOSTS))


async def choose_instance(db: Transaction, name: str | None) -> InstanceRow:
    """The instance with this name: by id, publishable key, host or domain; the only one without a name.

    Raises:
        SettingsError: there is none, or more than one.
    """
    rows = await all_instances(db)
    if name is None:
        if len(rows) == 1:
            return rows[0]
        names = ", ".join(f"{row.id} ({row.frontend_api_host})" for row in rows)
        why = f"There are several; name one: {names}." if rows else "There is none yet."
        raise SettingsError(f"--instance: {why}")
    found = [
        row
        for row in rows
        if name in (row.id, row.publishable_key, row.domain) or name in await hosts_of(db, row)
    ]
    if len(found) == 1:
        return found[0]
    raise SettingsError(f"--instance: {'more than one instance is' if found else 'no instance is'} {name!r}.")


async def lock_instance(db: Transaction, instance_id: str) -> InstanceRow:
    row = await db.one(LOCK_INSTANCE, id=instance_id)
    if row is None:
        raise SettingsError(f"--instance: no instance is {instance_id!r}.")
    return unsealed(db, row)


async def save_instance(
    db: Transaction,
    row: InstanceRow,
    now_ms: int,
    *,
    settings: InstanceSettings | None = None,
    domain: str | None = None,
) -> InstanceRow:
    """Write what changes; serving processes notice it by `updated_at`, which moves on every call.

    The caller has locked the row.
    """
    changed = msgspec.structs.replace(
        row,
        settings=msgspec.to_builtins(settings) if settings is not None else row.settings,
        domain=domain or row.domain,
        updated_at=max(now_ms, row.updated_at + 1),
    )
    await db.execute(
        UPDATE_INSTANCE,
        instance_id=row.id,
        new_domain=changed.domain,
        new_settings=sealed_settings(db.encryption, row.id, changed.settings),
        new_updated_at=changed.updated_at,
    )
    return changed


async def set_hosts(db: Transaction, row: InstanceRow, hosts: tuple[str, ...], now_ms: int) -> None:
    """Let the instance answer at these hosts, at that of its key, and at no other besides its satellites'.

    Raises:
        SettingsError: a host is another instance's, or one of this instance's satellites'.
    """
    owners = {other.frontend_api_host: other.id for other in await all_instances(db)}
    extra = await db.all(ALL_HOSTS)
    owners |= {host.host: host.instance_id for host in extra}
    for index, host in enumerate(hosts):
        if owners.get(host, row.id) != row.id:
            raise SettingsError(f"hosts[{index}]: {host} belongs to instance {owners[host]}.")
        if any(other.host == host and other.satellite_domain for other in extra):
            raise SettingsError(f"hosts[{index}]: {host} is a satellite's.")
    former = {host.host for host in extra if host.instance_id == row.id and host.satellite_domain is None}
    wanted = set(hosts) - {row.frontend_api_host}
    for host in sorted(former - wanted):
        await db.execute(DELETE_HOST, instance_id=row.id, host=host)
    for host in sorted(wanted - former):
        await db.insert(
            INSERT_HOST,
            InstanceHostRow(
                id=new_id("ihst", now_ms=now_ms), instance_id=row.id, host=host, created_at=now_ms
            ),
        )


async def add_secret_keys(db: Transaction, row: InstanceRow, keys: tuple[str, ...], now_ms: int) -> None:
    """Make sure that these are among the instance's keys.

    Raises:
        SettingsError: a key is another instance's.
    """
    for index, key in enumerate(keys):
        if await db.one(FIND_SECRET_KEY, instance_id=row.id, key_hash=hash_secret(key)) is None:
            try:
                await add_secret_key(db, row.id, key, now_ms)
            except UniqueViolation:
                raise SettingsError(f"secret_keys[{index}]: another instance has this key.") from None


async def update_instance(
    db: Transaction, row: InstanceRow, document: CheckedDocument, now_ms: int
) -> InstanceRow:
    """Change what the document mentions. Kind and publishable key of an instance never change.

    Raises:
        SettingsError: see `set_hosts`, `set_satellites` and `add_secret_keys`; or the document is about
            another instance.
    """
    row = await lock_instance(db, row.id)
    if document.publishable_key not in (None, row.publishable_key):
        raise SettingsError(f"publishable_key: that of {row.id} cannot change; cookies hang on it.")
    if document.environment not in (None, row.environment):
        raise SettingsError(f"environment: {row.id} is a {row.environment} instance for good.")
    problems = _secret_key_problems(document.secret_keys, row.environment)
    if problems:
        raise SettingsError(*problems)
    if document.hosts is not None:
        await set_hosts(db, row, document.hosts, now_ms)
    await add_secret_keys(db, row, document.secret_keys, now_ms)
    row = await save_instance(db, row, now_ms, settings=document.settings, domain=document.domain)
    satellites = document.satellites
    if satellites is None and document.domain is not None:
        satellites = tuple(await satellite_domains_of(db, row))  # which must still fit the new domain
    if satellites is not None:
        await set_satellites(db, row, satellites, now_ms)
    return row


def settings_of(row: InstanceRow) -> InstanceSettings:
    return instance_of(row).settings
