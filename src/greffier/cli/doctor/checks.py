"""The examinations of `greffier doctor`. They read and never write."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from greffier.cli.doctor.certificate_checks import Check, check_end, check_remote_certificate
from greffier.cli.opening import encryption_keys

if TYPE_CHECKING:
    from greffier.server.instances.tables import InstanceRow
    from greffier.server.safety import Finding
    from greffier.server.store.database import Database, Transaction
    from greffier.server.web.instance.instance import Instance

_CLOCKS_DIFFER_MS = 5_000
"""SDKs accept clocks that differ by five seconds."""


async def check_installation(data: Path | None, url: str) -> list[Check]:
    """Everything about an installation.

    Args:
        data: the folder of a development server; absent for a production one.
        url: its database.
    """
    folder = data or (Path(".greffier") if "GREFFIER_DATABASE_URL" not in os.environ else None)
    found = _development_files(folder) if folder else [*_configuration(), *await _shared_limits()]
    revision = await _revision(url)
    found.append(revision)
    if revision.level == "ok":
        found += await _inside(url, folder)
    return found


def _of(findings: Iterable[Finding]) -> list[Check]:
    return [
        Check("problem" if finding.fatal else "warning", finding.setting, finding.why) for finding in findings
    ]


def _configuration() -> list[Check]:
    from greffier.server.safety import check_settings
    from greffier.server.settings import from_environment

    settings = from_environment()  # the caller has read it before, so it can be read
    found = _of(check_settings(settings, os.environ)) or [Check("ok", "configuration", "nothing unsafe")]
    if settings.public_url and settings.public_url.startswith("https://"):
        found.append(check_remote_certificate(settings.public_url))
    return found


async def _shared_limits() -> list[Check]:
    """Whether Redis answers; nothing when it is not used."""
    from greffier.server.settings import from_environment
    from greffier.server.web.limits.redis_limits import connect

    url = from_environment().redis_url
    if url is None:
        return []
    try:
        redis = connect(url)
    except ValueError as error:
        return [Check("problem", "Redis", str(error))]
    try:
        await redis.ping()
    except Exception as error:  # its text may repeat the URL
        return [Check("problem", "Redis", f"it does not answer: {type(error).__name__}")]
    finally:
        await redis.aclose()
    return [Check("ok", "Redis", "answers")]


def _development_files(folder: Path) -> list[Check]:
    names = ("keys.json", "encryption.key", "tls/ca-key.pem", "tls/server-key.pem")
    private = [folder / name for name in names]
    found = [_private(path) for path in private if path.exists()]
    chain = folder / "tls" / "server.pem"
    if chain.exists():
        from greffier.cli.certificates import read_certificate

        ends = read_certificate(chain).not_valid_after_utc
        found.append(check_end("TLS", "the development certificate, renewed by `greffier dev --tls`,", ends))
    return found


def _private(path: Path) -> Check:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check("problem", "files", f"{path} can be read by others: chmod 600 {path}")
    return Check("ok", "files", f"{path} is readable by its owner alone")


async def _revision(url: str) -> Check:
    from greffier.server.store.database import DatabaseUnavailable
    from greffier.server.store.migrate import current_revision, newest_revision

    try:
        current = await current_revision(url)
    except DatabaseUnavailable as error:
        return Check("problem", "database", f"cannot be reached: {error}")
    if current is None:
        return Check("problem", "database", "it has no tables yet: run `greffier migrate`.")
    if current != newest_revision():
        why = f"it is at {current}, this version needs {newest_revision()}: run `greffier migrate`."
        return Check("problem", "database", why)
    return Check("ok", "database", f"{url.partition(':')[0]}, at {current}")


async def _inside(url: str, folder: Path | None) -> list[Check]:
    from greffier.cli.doctor.chain_checks import check_chains
    from greffier.cli.doctor.ens_checks import check_names
    from greffier.cli.doctor.host_checks import check_hosts
    from greffier.server.instances.administration import all_instances
    from greffier.server.instances.queries import ALL_HOSTS
    from greffier.server.instances.rows import instance_of
    from greffier.server.reencryption import waiting
    from greffier.server.safety import (
        check_encryption,
        check_instances,
        check_secrets,
        check_text_messages,
    )
    from greffier.server.settings import from_environment
    from greffier.server.store.opening import open_database

    keys = encryption_keys(url) if folder else from_environment().encryption_keys
    database = open_database(url, encryption_keys=keys)
    await database.start()
    try:
        async with database.transaction() as db:
            secrets = check_secrets(await waiting(db), database.encryption.key_ids)
            if any(finding.fatal for finding in secrets):
                return _of(secrets)
            rows = await all_instances(db)
            hosts = await db.all(ALL_HOSTS)
            if not rows:
                return [Check("warning", "instances", "there is none yet.")]
            found = [await _clock(database, db, rows)]
            found += await _given_keys(db, rows, folder)
            for row in rows:
                found += await _keys_of(db, row)
                found += await _templates_of(db, row)
                found += await _roles_of(db, row)
            instances = [instance_of(row, hosts) for row in rows]
            found += await _packages(database, db, instances)
            found += await _providers(database, db, instances, of_dev=folder is not None)
            for one in instances:
                found += [*await check_chains(one), *await check_names(one)]
    finally:
        await database.stop()
    findings = [
        finding
        for instance in instances
        for finding in check_instances([instance])
        if not (folder and instance.is_development and finding.setting.endswith(".test_mode"))
    ]
    findings += [*secrets, *check_encryption(keys, instances)]
    findings += check_text_messages(from_environment(), instances)
    found += [check for one in instances for check in check_hosts(one)]
    return found + _of(findings) + [check for row in rows if (check := _check_localhost_names(row))]


async def _clock(database: Database, db: Transaction, rows: list[InstanceRow]) -> Check:
    """The clock of this machine beside that of the database, or beside the newest change."""
    from greffier.server.store.clock import Clock

    now = Clock().now_ms()
    if database.dialect == "postgresql":
        difference = await _database_time(db) - now
        if abs(difference) > _CLOCKS_DIFFER_MS:
            return Check("problem", "clock", f"it differs from the database's by {difference / 1000:g} s.")
        return Check("ok", "clock", "agrees with the database's")
    newest = max(row.updated_at for row in rows)
    if newest > now + _CLOCKS_DIFFER_MS:
        return Check("problem", "clock", f"it is {(newest - now) / 1000:g} s behind the newest change.")
    return Check("ok", "clock", datetime.now(UTC).isoformat(timespec="seconds"))


async def _database_time(db: Transaction) -> int:
    import sqlalchemy as sa

    from greffier.server.store.statements import Statement

    millis = sa.cast(sa.extract("epoch", sa.func.clock_timestamp()) * 1000, sa.BigInteger)
    statement: Statement[int] = Statement(sa.select(millis))
    return await db.one(statement) or 0


async def _given_keys(db: Transaction, rows: list[InstanceRow], folder: Path | None) -> list[Check]:
    """The keys that the operator or `keys.json` names must be those of an instance."""
    if folder is not None:
        file = folder / "keys.json"
        keys: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        publishable, secret, where = keys.get("publishable_key"), keys.get("secret_key"), str(file)
    else:
        from greffier.server.settings import read_environment

        environ = read_environment()
        publishable, secret = environ.get("GREFFIER_PUBLISHABLE_KEY"), environ.get("GREFFIER_SECRET_KEY")
        where = "GREFFIER_SECRET_KEY"
    row = next((row for row in rows if row.publishable_key == publishable), None)
    if publishable is None or secret is None:
        return []
    if row is None:
        return [Check("problem", "keys", f"{where}: no instance has this publishable key.")]
    if await _works(db, row, secret):
        return [Check("ok", "keys", f"{where} works")]
    return [Check("problem", "keys", f"{where}: it is not a key of {row.frontend_api_host} any more.")]


async def _works(db: Transaction, row: InstanceRow, secret: str) -> bool:
    from greffier.server.crypto.secrets import hash_secret
    from greffier.server.instances.secret_keys import secret_keys_of
    from greffier.server.store.clock import Clock

    live = await secret_keys_of(db, row.id, Clock().now_ms())
    return hash_secret(secret) in {key.key_hash for key in live}


async def _keys_of(db: Transaction, row: InstanceRow) -> list[Check]:
    from greffier.server.instances.secret_keys import secret_keys_of
    from greffier.server.signing.keys import signing_keys_of
    from greffier.server.store.clock import Clock

    now = Clock().now_ms()
    secret = await secret_keys_of(db, row.id, now)
    signing = await signing_keys_of(db, row.id, now)
    if not secret:
        return [Check("problem", "keys", f"{row.frontend_api_host} has no secret key that works.")]
    if not signing:
        return [Check("problem", "keys", f"{row.frontend_api_host} has no signing key.")]
    if (behind := min(key.sign_from for key in signing) - now) > 0:
        text = (
            f"it is {behind / 1000:g} s behind the first use of every signing key of {row.frontend_api_host}."
        )
        return [Check("problem", "clock", text)]
    return [
        Check(
            "ok",
            "keys",
            f"{row.frontend_api_host}: {len(secret)} secret, {len(signing)} published for signing",
        )
    ]


async def _templates_of(db: Transaction, row: InstanceRow) -> list[Check]:
    """The JWT templates whose tokens live long."""
    from greffier.server.signing.lifetimes import lifetime_warning
    from greffier.server.signing.queries import TEMPLATES

    return [
        Check("warning", f"{row.frontend_api_host} JWT template {template.name}", warning)
        for template in await db.all(TEMPLATES, instance_id=row.id)
        if (warning := lifetime_warning("A token", template.lifetime))
    ]


async def _roles_of(db: Transaction, row: InstanceRow) -> list[Check]:
    """The roles whose members would get session tokens that no cookie holds."""
    from greffier.server.instances.rows import instance_of
    from greffier.server.organizations.roles.role_sizes import roles_too_large
    from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS

    version = instance_of(row).settings.session.token_version
    return [
        Check(
            "problem",
            f"{row.frontend_api_host} role {role.key}",
            f"its {role.permissions} permissions take {role.size} bytes of a session token, and"
            f" {MAX_ROLE_CLAIMS} fit: its members cannot use the organization. Give it fewer permissions.",
        )
        for role in await roles_too_large(db, row.id, token_version=version)
    ]


async def _packages(database: Database, db: Transaction, instances: list[Instance]) -> list[Check]:
    """The kinds of identification and strategies that no installed package has any more."""
    from greffier.server.app import operator_context
    from greffier.server.missing_packages import check_packages

    contexts = [operator_context(database, db, instance) for instance in instances]
    return _of([finding for ctx in contexts for finding in await check_packages(ctx)])


async def _providers(
    database: Database, db: Transaction, instances: list[Instance], *, of_dev: bool
) -> list[Check]:
    """A configured public URL is that of the only instance, or of the one that has its host."""
    from greffier.cli.doctor.provider_checks import check_providers
    from greffier.server.settings import from_environment

    url = from_environment().public_url
    host = urlsplit(url or "").hostname
    found: list[Check] = []
    for one in instances:
        own = url if len(instances) == 1 or host in one.hosts else None
        found += await check_providers(database, db, one, public_url=own, of_dev=of_dev)
    return found


def _check_localhost_names(row: InstanceRow) -> Check | None:
    """Browsers know that `*.localhost` is this machine; other programs ask the system, which may not."""
    host = row.frontend_api_host.partition(":")[0]
    if not host.endswith(".localhost"):
        return None
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        text = (
            f"only browsers find {host}. For other programs add this line to the hosts file: 127.0.0.1 {host}"
        )
        return Check("warning", "hosts", text)
    return Check("ok", "hosts", f"{host} is found")
