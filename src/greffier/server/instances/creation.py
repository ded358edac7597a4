"""Making an instance: its host, its keys."""

from __future__ import annotations

import secrets

import msgspec

from greffier.sdk.keys import encode_publishable_key
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.instances.queries import INSERT_INSTANCE, INSERT_SECRET_KEY
from greffier.server.instances.rows import instance_of
from greffier.server.instances.sealing import sealed_code_key, sealed_settings
from greffier.server.instances.tables import InstanceRow, SecretKeyRow
from greffier.server.store.database import Transaction
from greffier.server.store.ids import new_id
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.settings import InstanceSettings

_ADJECTIVES = [
    "amber",
    "brave",
    "calm",
    "clear",
    "crisp",
    "eager",
    "early",
    "fair",
    "fond",
    "gentle",
    "glad",
    "golden",
    "keen",
    "kind",
    "light",
    "lively",
    "lucid",
    "mellow",
    "merry",
    "mild",
    "noble",
    "placid",
    "plain",
    "proud",
    "quick",
    "quiet",
    "ready",
    "robust",
    "solid",
    "steady",
    "sunny",
    "swift",
    "tidy",
    "warm",
]
_ANIMALS = [
    "badger",
    "beaver",
    "bison",
    "crane",
    "dolphin",
    "eagle",
    "falcon",
    "ferret",
    "finch",
    "fox",
    "gecko",
    "hare",
    "heron",
    "ibex",
    "jackdaw",
    "kestrel",
    "lark",
    "lynx",
    "marten",
    "merlin",
    "mole",
    "newt",
    "otter",
    "owl",
    "panda",
    "puffin",
    "quail",
    "raven",
    "robin",
    "seal",
    "stoat",
    "swan",
    "tern",
    "wren",
]


def new_development_host() -> str:
    """A host that no application has: portless, dotted, and resolved to this machine by browsers."""
    words = f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_ANIMALS)}-{secrets.randbelow(90) + 10}"
    return f"clerk.{words}.localhost"


def new_secret_key(environment: str) -> str:
    """A secret key with 256 random bits."""
    return f"sk_{'live' if environment == 'production' else 'test'}_{new_secret()}"


async def create_instance(
    db: Transaction,
    *,
    environment: str,
    frontend_api_host: str,
    secret_key: str,
    now_ms: int,
    domain: str | None = None,
    publishable_key: str | None = None,
    settings: InstanceSettings | None = None,
) -> Instance:
    """Write an instance and its first secret key (only a hash of it).

    Args:
        environment: `development` or `production`.
        frontend_api_host: the host that the publishable key encodes.
        secret_key: given to the caller by `new_secret_key`, or chosen by the operator.
        domain: the application's domain, for cookies in production.
        publishable_key: exactly this key (cookie names hang on it); made from the host if absent.
    """
    row = InstanceRow(
        id=new_id("ins", now_ms=now_ms),
        environment=environment,
        publishable_key=publishable_key
        or encode_publishable_key(frontend_api_host, live=environment == "production"),
        frontend_api_host=frontend_api_host,
        domain=domain,
        code_key=new_secret(),
        settings=msgspec.to_builtins(settings or InstanceSettings()),
        created_at=now_ms,
        updated_at=now_ms,
    )
    stored = msgspec.structs.replace(
        row,
        code_key=sealed_code_key(db, row.id, row.code_key),
        settings=sealed_settings(db.encryption, row.id, row.settings),
    )
    await db.insert(INSERT_INSTANCE, stored)
    await add_secret_key(db, row.id, secret_key, now_ms)
    return instance_of(row)


async def add_secret_key(db: Transaction, instance_id: str, secret_key: str, now_ms: int) -> None:
    """One more secret key of an instance: only its hash and its last four characters are kept."""
    await db.insert(
        INSERT_SECRET_KEY,
        SecretKeyRow(
            id=new_id("key", now_ms=now_ms),
            instance_id=instance_id,
            key_hash=hash_secret(secret_key),
            last_four=secret_key[-4:],
            revoked=False,
            expire_at=None,
            created_at=now_ms,
        ),
    )
