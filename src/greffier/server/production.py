"""A production server from `GREFFIER_*` variables or one TOML file, with any number of worker processes."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from greffier.sdk.errors import InvalidKey
from greffier.sdk.keys import InstanceType, decode_publishable_key, encode_publishable_key
from greffier.server.app import Server, operator_context
from greffier.server.delivery import smtp
from greffier.server.instances.administration import all_instances
from greffier.server.instances.creation import new_secret_key
from greffier.server.instances.document import SettingsError, convert, read_toml
from greffier.server.instances.queries import FIND_BY_PUBLISHABLE_KEY
from greffier.server.instances.rows import instance_of
from greffier.server.missing_packages import check_packages
from greffier.server.provisioning import WantedInstance, ensure_instance
from greffier.server.reencryption import waiting
from greffier.server.safety import (
    ENCRYPTION_KEYS,
    KEY_HINT,
    Finding,
    check_encryption,
    check_instances,
    check_secrets,
    check_settings,
    check_text_messages,
)
from greffier.server.sessions.activity import device_of
from greffier.server.settings import from_environment, read_environment
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database
from greffier.server.store.migrate import UnknownSchema, current_revision, newest_revision, upgrade_if_needed
from greffier.server.store.opening import open_database
from greffier.server.web.limits.redis_limits import connect
from greffier.server.web.observability.logs import configure_logging
from greffier.server.worker import Worker

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class ConfigurationError(Exception):
    """A setting is missing, unsafe or cannot be used; the message names it and says why."""


class Prepared(NamedTuple):
    """A report for the operator: an instance made just now from its domain alone, warnings, and the result of
    the migration.
    """

    created: WantedInstance | None
    warnings: list[Finding]
    migration: str


def wanted_instance(environ: Mapping[str, str]) -> WantedInstance | None:
    """The instance whose keys the operator gave; `None` when only its domain is known.

    Raises:
        ConfigurationError: a key is malformed, of a development instance, or given without the other.
    """
    publishable_key = environ.get("GREFFIER_PUBLISHABLE_KEY")
    secret_key = environ.get("GREFFIER_SECRET_KEY")
    if publishable_key is None and secret_key is None:
        return None
    if publishable_key is None or secret_key is None:
        missing = "GREFFIER_PUBLISHABLE_KEY" if publishable_key is None else "GREFFIER_SECRET_KEY"
        raise ConfigurationError(f"{missing} is missing: give both keys of the instance, or neither.")
    try:
        key = decode_publishable_key(publishable_key)
    except InvalidKey as error:
        raise ConfigurationError(f"GREFFIER_PUBLISHABLE_KEY: {error}") from None
    if key.instance_type is not InstanceType.PRODUCTION:
        raise ConfigurationError(
            "GREFFIER_PUBLISHABLE_KEY is of a development instance; serve needs pk_live_..."
        )
    if not secret_key.startswith("sk_live_") or len(secret_key) < 40:
        raise ConfigurationError(
            "GREFFIER_SECRET_KEY must start with sk_live_ and have at least 32 more characters."
        )
    return WantedInstance(
        publishable_key=publishable_key,
        secret_key=secret_key,
        domain=_domain(environ),
        application_name=_application_name(environ),
    )


def _application_name(environ: Mapping[str, str]) -> str:
    return environ.get("GREFFIER_APP_NAME") or _domain(environ)


def _domain(environ: Mapping[str, str]) -> str:
    domain = environ.get("GREFFIER_DOMAIN", "")
    if not _DOMAIN.fullmatch(domain):
        raise ConfigurationError(
            f"GREFFIER_DOMAIN must be the application's domain, such as example.com, not {domain!r}."
        )
    return domain


class ServerDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The file of `greffier serve --config`: the `GREFFIER_*` variables in lower case."""

    database_url: str | None = None
    database_wait: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None
    database_acquire_timeout: float | None = None
    database_statement_timeout: float | None = None
    public_url: str | None = None
    api_hosts: tuple[str, ...] | None = None
    smtp_url: str | None = None
    mail_from: str | None = None
    smtp_ehlo: str | None = None
    sms_webhook_url: str | None = None
    sms_webhook_secret: str | None = None
    sms_twilio_account_sid: str | None = None
    sms_twilio_auth_token: str | None = None
    sms_twilio_from: str | None = None
    sms_twilio_url: str | None = None
    sms_twilio_whatsapp_from: str | None = None
    sms_twilio_whatsapp_template: str | None = None
    assets_dir: str | None = None
    password_threads: Annotated[int, msgspec.Meta(ge=0)] | None = None
    trusted_proxies: tuple[str, ...] | None = None
    rate_limit_scale: float | None = None
    redis_url: str | None = None
    breach_url: str | None = None
    metrics_token: str | None = None
    encryption_keys: tuple[str, ...] | None = None
    domain: str | None = None
    app_name: str | None = None
    publishable_key: str | None = None
    secret_key: str | None = None
    host: str | None = None
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None

    def __repr__(self) -> str:
        return f"ServerDocument(domain={self.domain!r})"  # no passwords, no keys


def read_server_document(path: Path) -> dict[str, str]:
    """A configuration file as `GREFFIER_*` variables.

    Raises:
        ConfigurationError: it cannot be read; the message has the name of the setting.
    """
    try:
        document: ServerDocument = convert(read_toml(path.read_text("utf-8")), ServerDocument)
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    values = {name: getattr(document, name) for name in document.__struct_fields__}
    for name in ("trusted_proxies", "api_hosts", "encryption_keys"):
        if values[name] is not None:
            values[name] = ",".join(values[name])
    return {f"GREFFIER_{name.upper()}": str(value) for name, value in values.items() if value is not None}


async def prepare(environ: Mapping[str, str] = os.environ) -> Prepared:
    """Before workers start: check the configuration, migrate, make sure of the instance, check all instances.

    Raises:
        ConfigurationError: something is missing, cannot be used or is unsafe; the message names it.
        DatabaseUnavailable: the database cannot be reached.
    """
    try:
        environ = read_environment(environ)
        settings = from_environment(environ)
        database = open_database(
            settings.database_url, settings.database_timeouts, encryption_keys=settings.encryption_keys
        )
        if settings.redis_url:
            connect(settings.redis_url)
        if settings.smtp:
            smtp.check_settings(settings.smtp)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    wanted = wanted_instance(environ)
    findings = _refuse_fatal(check_settings(settings, environ))
    migration = await _migrated(settings.database_url)
    await database.start()
    try:
        findings += await _secrets(database)
        created = await _ensure(database, wanted, environ)
        async with database.transaction() as db:
            rows = [instance_of(row) for row in await all_instances(db)]
            contexts = [operator_context(database, db, row) for row in rows]
            missing = [finding for ctx in contexts for finding in await check_packages(ctx)]
    finally:
        await database.stop()
    findings += _refuse_fatal(
        [*check_instances(rows), *check_encryption(settings.encryption_keys, rows), *missing]
    )
    return Prepared(created, [*findings, *check_text_messages(settings, rows)], migration)


async def _secrets(database: Database) -> list[Finding]:
    """Doubts about the encryption of secrets.

    Raises:
        ConfigurationError: a key is missing that was used.
    """
    async with database.transaction() as db:
        found = await waiting(db, all_columns=False)
    return _refuse_fatal(check_secrets(found, database.encryption.key_ids))


def _require_key(database: Database) -> None:
    """Raises: ConfigurationError: there is no key. Instances from before there were keys go on without."""
    if database.encryption.current is None:
        raise ConfigurationError(f"{ENCRYPTION_KEYS} is missing: {KEY_HINT}")


async def _migrated(url: str) -> str:
    """Raises: ConfigurationError: this version cannot upgrade the database."""
    former = await current_revision(url)
    try:
        if not await upgrade_if_needed(url):
            return f"at {former}, nothing to migrate"
    except UnknownSchema as error:
        raise ConfigurationError(str(error)) from None
    return f"migrated from {former or 'nothing'} to {newest_revision()}"


async def _ensure(
    database: Database, wanted: WantedInstance | None, environ: Mapping[str, str]
) -> WantedInstance | None:
    """The instance with its secret key if it was made just now from its domain alone."""
    if wanted is not None:
        if not await _exists(database, wanted):
            _require_key(database)
        await ensure_instance(database, Clock(), wanted)
        return None
    if "GREFFIER_DOMAIN" not in environ:
        async with database.transaction() as db:
            if await all_instances(db):
                return None  # `greffier instances create` has made those that are served
    domain = _domain(environ)
    fresh = WantedInstance(
        publishable_key=encode_publishable_key(f"clerk.{domain}", live=True),
        secret_key=new_secret_key("production"),
        domain=domain,
        application_name=_application_name(environ),
    )
    if await _exists(database, fresh):
        return None
    _require_key(database)
    return fresh if await ensure_instance(database, Clock(), fresh) else None


async def _exists(database: Database, wanted: WantedInstance) -> bool:
    async with database.transaction() as db:
        row = await db.one(FIND_BY_PUBLISHABLE_KEY, publishable_key=wanted.publishable_key)
    return row is not None


def _refuse_fatal(findings: list[Finding]) -> list[Finding]:
    fatal = [str(finding) for finding in findings if finding.fatal]
    if fatal:
        raise ConfigurationError("\n".join(fatal))
    return findings


def _end_with_parent() -> None:
    """On Linux, ask the kernel to stop this worker when the process that started it was killed (prctl(2),
    PR_SET_PDEATHSIG); otherwise it would keep the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def production_server() -> Worker:
    """One worker's application. `prepare` has run in the parent process."""
    _end_with_parent()
    configure_logging("json")
    device_of("Mozilla/5.0")  # read the table of browsers now, rather than during a request
    return Worker(Server(from_environment(), wanted_instance(read_environment())))
