"""Making sure that the instance which an operator or a developer names exists, with a key that signs."""

from __future__ import annotations

import msgspec

from greffier.sdk.errors import InvalidKey
from greffier.sdk.keys import decode_publishable_key
from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.administration import (
    CheckedDocument,
    add_secret_keys,
    frontend_api_host,
    lock_instance,
    save_instance,
    set_hosts,
    settings_of,
    update_instance,
)
from greffier.server.instances.creation import add_secret_key, create_instance, new_secret_key
from greffier.server.instances.document import SettingsError
from greffier.server.instances.domains.satellites import set_satellites
from greffier.server.instances.queries import FIND_BY_PUBLISHABLE_KEY, FIND_SECRET_KEY
from greffier.server.instances.tables import InstanceRow
from greffier.server.organizations.roles.role_sizes import roles_too_large
from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS
from greffier.server.safety import ENCRYPTION_KEYS, KEY_HINT
from greffier.server.signing.keys import create_signing_key
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction, UniqueViolation
from greffier.server.web.instance.settings import InstanceSettings


class WantedInstance(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one instance, exactly; `domain` is the application's, for cookies in production, and
    `application_name` what mails and pages call it if it is made now."""

    publishable_key: str
    secret_key: str
    domain: str | None = None
    application_name: str | None = None


async def ensure_instance(database: Database, clock: Clock, wanted: WantedInstance) -> bool:
    """Create the instance unless it is there; whether it was created.

    A secret key that the instance does not know yet becomes one more of its keys.
    """
    try:
        async with database.transaction() as db:
            now = clock.now_ms()
            row = await db.one(FIND_BY_PUBLISHABLE_KEY, publishable_key=wanted.publishable_key)
            if row is not None:
                known = await db.one(
                    FIND_SECRET_KEY, instance_id=row.id, key_hash=hash_secret(wanted.secret_key)
                )
                if known is None:
                    row = await lock_instance(db, row.id)
                    await add_secret_key(db, row.id, wanted.secret_key, now)
                    await save_instance(db, row, now)  # so that serving processes notice
                return False
            key = decode_publishable_key(wanted.publishable_key)
            instance = await create_instance(
                db,
                environment=key.instance_type.value,
                frontend_api_host=key.frontend_api,
                secret_key=wanted.secret_key,
                publishable_key=wanted.publishable_key,
                domain=wanted.domain,
                settings=_settings(wanted),
                now_ms=now,
            )
            await create_signing_key(db, instance_id=instance.id, now_ms=now)
            return True
    except UniqueViolation:
        return False  # another process that starts with us was first


def _settings(wanted: WantedInstance) -> InstanceSettings:
    name = wanted.application_name
    return InstanceSettings() if name is None else InstanceSettings(application_name=name)


class CreatedInstance(msgspec.Struct, frozen=True, kw_only=True):
    """A new instance; `secret_key` if it was generated, and then this is the only time that it is seen."""

    row: InstanceRow
    secret_key: str | None


async def create_from_document(db: Transaction, document: CheckedDocument, now_ms: int) -> CreatedInstance:
    """Make the instance that an operator describes, with keys of its own.

    Raises:
        SettingsError: a host or a key is another instance's, or something is missing.
    """
    if document.environment is None:
        raise SettingsError("environment: say development or production.")
    if document.environment == "production" and db.encryption.current is None:
        raise SettingsError(f"{ENCRYPTION_KEYS} is missing: {KEY_HINT}")
    host = frontend_api_host(document)
    generated = None if document.secret_keys else new_secret_key(document.environment)
    first, *others = document.secret_keys or (generated or "",)
    try:
        instance = await create_instance(
            db,
            environment=document.environment,
            frontend_api_host=host,
            secret_key=first,
            publishable_key=document.publishable_key,
            domain=document.domain,
            settings=document.settings,
            now_ms=now_ms,
        )
    except UniqueViolation as error:
        what = "secret_keys[0]" if "key_hash" in error.constraint else f"hosts: {host}"
        raise SettingsError(f"{what} belongs to another instance.") from None
    except InvalidKey as error:
        raise SettingsError(f"hosts: {error}") from None
    row = await lock_instance(db, instance.id)
    await set_hosts(db, row, document.hosts or (), now_ms)
    await set_satellites(db, row, document.satellites or (), now_ms)
    await add_secret_keys(db, row, tuple(others), now_ms)
    await create_signing_key(db, instance_id=row.id, now_ms=now_ms)
    return CreatedInstance(row=row, secret_key=generated)


async def change_settings(
    db: Transaction, row: InstanceRow, settings: InstanceSettings, now_ms: int
) -> InstanceRow:
    """Put settings into force. The caller has locked the row.

    Raises:
        SettingsError: what is stored does not go with them.
    """
    await _require_roles_fit(db, row, settings)
    return await save_instance(db, row, now_ms, settings=settings)


async def update_from_document(
    db: Transaction, row: InstanceRow, document: CheckedDocument, now_ms: int
) -> InstanceRow:
    """Change what the document mentions.

    Raises:
        SettingsError: as `update_instance`; or what is stored does not go with the settings.
    """
    row = await lock_instance(db, row.id)
    if document.settings is not None:
        await _require_roles_fit(db, row, document.settings, at="settings.")
    return await update_instance(db, row, document, now_ms)


async def _require_roles_fit(
    db: Transaction, row: InstanceRow, settings: InstanceSettings, *, at: str = ""
) -> None:
    """Require that existing roles fit in tokens, if the version of tokens changes. Where it stays, a role
    from before roles were measured does not stand in the way of other settings.
    """
    version = settings.session.token_version
    if version == settings_of(row).session.token_version:
        return
    large = await roles_too_large(db, row.id, token_version=version)
    if large:
        roles = ", ".join(f"{role.key} ({role.size} bytes)" for role in large)
        raise SettingsError(
            f"{at}session.token_version: permissions of roles take more than {MAX_ROLE_CLAIMS} bytes of such"
            f" a session token, which browsers keep in a cookie: {roles}. Give them fewer permissions first."
        )
