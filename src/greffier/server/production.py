"""A production server from `GREFFIER_*` variables: one instance, any number of worker processes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from greffier.sdk.errors import InvalidKey
from greffier.sdk.keys import InstanceType, decode_publishable_key, encode_publishable_key
from greffier.server.app import Server
from greffier.server.instances.creation import new_secret_key
from greffier.server.instances.queries import FIND_BY_PUBLISHABLE_KEY
from greffier.server.provisioning import WantedInstance, ensure_instance
from greffier.server.sessions.activity import device_of
from greffier.server.settings import from_environment
from greffier.server.store.clock import Clock
from greffier.server.store.database import open_database
from greffier.server.store.migrate import upgrade_if_needed

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class ConfigurationError(Exception):
    """A setting is missing or cannot be used; the message names it and says why."""


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
    return WantedInstance(publishable_key=publishable_key, secret_key=secret_key, domain=_domain(environ))


def _domain(environ: Mapping[str, str]) -> str:
    domain = environ.get("GREFFIER_DOMAIN", "")
    if not _DOMAIN.fullmatch(domain):
        raise ConfigurationError(
            f"GREFFIER_DOMAIN must be the application's domain, such as example.com, not {domain!r}."
        )
    return domain


async def prepare(environ: Mapping[str, str] = os.environ) -> WantedInstance | None:
    """Before workers start: migrate, and make sure of the instance.

    Returns:
        the instance with its secret key if it was made just now from its domain alone.

    Raises:
        ConfigurationError: see `wanted_instance`.
    """
    try:
        settings = from_environment(environ)
        database = open_database(settings.database_url)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    wanted = wanted_instance(environ)
    domain = wanted.domain if wanted else _domain(environ)
    await upgrade_if_needed(settings.database_url)
    await database.start()
    try:
        if wanted is not None:
            await ensure_instance(database, Clock(), wanted)
            return None
        fresh = WantedInstance(
            publishable_key=encode_publishable_key(f"clerk.{domain}", live=True),
            secret_key=new_secret_key("production"),
            domain=domain,
        )
        async with database.transaction() as db:
            if await db.one(FIND_BY_PUBLISHABLE_KEY, publishable_key=fresh.publishable_key):
                return None
        return fresh if await ensure_instance(database, Clock(), fresh) else None
    finally:
        await database.stop()


def production_server() -> Server:
    """One worker's application. `prepare` has run in the parent process."""
    device_of("Mozilla/5.0")  # read the table of browsers now, rather than while somebody waits
    return Server(from_environment(), wanted_instance(os.environ))
