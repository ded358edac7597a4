"""Changes behind the server's APIs for tests, by the server's own rules. Runs in the server's event loop."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from greffier.server.app import Server
from greffier.server.instances.administration import lock_instance
from greffier.server.instances.document import read_settings
from greffier.server.provisioning import change_settings
from greffier.server.sessions.active_organization import active_membership
from greffier.server.sessions.queries import GET
from greffier.server.sessions.tokens.claims import session_claims, token_version
from greffier.server.signing.jwts import CATEGORY_SESSION
from greffier.server.token_gates.holdings import NO_FEATURES
from greffier.server.versions import NEWEST
from greffier.server.web.instance.instance import Instance
from greffier.testing.errors import ServerRefused


async def configure(server: Server, instance: Instance, changes: Mapping[str, Any]) -> None:
    """Merge changes into the settings of an instance. Raises `SettingsError`."""
    settings = read_settings(_merged(msgspec.to_builtins(instance.settings), changes))
    async with server.database.transaction() as db:
        row = await lock_instance(db, instance.id)
        await change_settings(db, row, settings, server.clock.now_ms())
    await server.reload()


def _merged(into: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(into)
    for name, value in changes.items():
        former = merged.get(name)
        if isinstance(value, Mapping) and isinstance(former, Mapping):
            value = _merged(cast("Mapping[str, Any]", former), cast("Mapping[str, Any]", value))
        merged[name] = value
    return merged


async def expired_token(
    server: Server, instance: Instance, session_id: str, *, azp: str, seconds_ago: float
) -> str:
    """A token of a session as it would have been minted, had it been asked for before.

    Raises:
        ServerRefused: 404, there is no such session.
    """
    async with server.database.transaction() as db:
        session = await db.one(GET, instance_id=instance.id, id=session_id)
        if session is None:
            raise ServerRefused(404, "resource_not_found", "There is no such session.")
        membership = await active_membership(db, instance, session)
    lifetime = instance.settings.session.token_lifetime
    claims = session_claims(
        instance,
        session,
        membership,
        NO_FEATURES,
        version=token_version(instance, NEWEST),
        azp=azp,
        now=server.clock.now_ms() - round((lifetime + seconds_ago) * 1000),
        lifetime=lifetime,
    )
    return server.signing.current(instance.id).sign_jwt(claims, category=CATEGORY_SESSION)


def public_pem(jwk: Mapping[str, str]) -> str:
    """An RSA public key of a key set (RFC 7518 6.3.1) as PEM text."""
    numbers = RSAPublicNumbers(_integer(jwk["e"]), _integer(jwk["n"]))
    key = numbers.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _integer(value: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), "big")
