"""Secrets in the database: none in clear, keys that rotate, databases from before there was a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from greffier.server import reencryption
from greffier.server.crypto.encryption import Encryption, Undecryptable
from greffier.server.instances.administration import (
    choose_instance,
    lock_instance,
    save_instance,
    settings_of,
)
from greffier.server.settings import read_encryption_keys
from greffier.server.store.all_tables import metadata
from greffier.server.store.database import Database
from greffier.server.store.opening import open_database
from greffier.server.store.sealing import sealed_columns
from greffier.server.store.statements import Statement
from greffier.server.users.external_accounts.provider_tokens.keeping import in_clear
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow, provider_tokens
from greffier.server.users.external_accounts.tables import external_accounts
from greffier.server.web.instance.feature_settings import SocialProvider
from tests.server.jobs.rows import add_row
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.provider_tokens import give_tokens
from tests.support.server import DEVELOPMENT, ENCRYPTION_KEY, PASSWORD, TestServer, running

OLD, NEW = b"o" * 32, b"n" * 32
HMAC_KEY = "an HMAC key of thirty-two bytes or more"
CLIENT_SECRET = "secret-of-the-provider"
PROVIDER_TOKENS = {f"{kind}_token": f"{kind}-token-of-the-provider" for kind in ("access", "refresh", "id")}
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_HASHED = ("key_hash", "secret_hash", "token_hash", "code_hash", "content_hash", "client_secret_hash")
_NO_SECRETS = {
    "instances.publishable_key",
    "oauth_grants.code_challenge",
    "organization_permissions.key",
    "organization_roles.key",
    "sign_ups.password_digest",
    "trusted_devices.public_key",
    "users.password_digest",
}


class Secrets(msgspec.Struct):
    """Secrets of every kind that a server keeps, and what shows that it can read them."""

    api_key_id: str
    machine_id: str
    user_id: str
    in_clear: list[str]


async def fill(server: TestServer) -> Secrets:
    await configure(server, SECOND_FACTORS | {"session": {"tasks": []}})
    fields = {"email_address": ["ada@example.com"], "password": PASSWORD, "totp_secret": TOTP}
    user_id = (await _post(server, "/v1/users", **fields))["id"]
    key = await _post(server, "/v1/api_keys", name="Reports", subject=user_id)
    machine = await _post(server, "/v1/machines", name="Cron")
    shared = {"custom_signing_key": True, "signing_algorithm": "HS256", "signing_key": HMAC_KEY}
    await _post(server, "/v1/jwt_templates", name="hmac", claims={}, **shared)
    async with server.app.database.transaction() as db:
        row = await lock_instance(db, (await choose_instance(db, None)).id)
        provider = SocialProvider(provider="google", client_id="id", client_secret=CLIENT_SECRET)
        settings = msgspec.structs.replace(settings_of(row), social=(provider,))
        await save_instance(db, row, 0, settings=settings)
    await server.app.reload()
    await add_row(server.app.database, external_accounts, row.id, id="eac_1", user_id=user_id)
    await give_tokens(server, "eac_1", **PROVIDER_TOKENS)
    shown = [key["secret"], machine["secret_key"], row.code_key]
    return Secrets(
        key["id"],
        machine["id"],
        user_id,
        [*shown, HMAC_KEY, CLIENT_SECRET, TOTP, *PROVIDER_TOKENS.values(), "BEGIN PRIVATE KEY"],
    )


async def _post(server: TestServer, path: str, **body: Any) -> Any:
    answer = await server.backend().post(path, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def require_readable(server: TestServer, secrets: Secrets) -> None:
    """Every secret can be read, and tokens are signed."""
    backend = server.backend()
    key = (await backend.get(f"/v1/api_keys/{secrets.api_key_id}/secret")).json()["secret"]
    machine = (await backend.get(f"/v1/machines/{secrets.machine_id}/secret_key")).json()["secret"]
    code = AuthenticatorApp(server, TOTP).code()
    verified = await _post(server, f"/v1/users/{secrets.user_id}/verify_totp", code=code)
    session = (await _post(server, "/v1/sessions", user_id=secrets.user_id))["id"]
    token = await _post(server, f"/v1/sessions/{session}/tokens/hmac")
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, None)
    assert [key, machine, row.code_key] == secrets.in_clear[:3]
    assert [one.client_secret for one in settings_of(row).social] == [CLIENT_SECRET]
    assert verified["verified"] is True
    assert len(token["jwt"].split(".")) == 3
    assert await provider_tokens_of(server) == PROVIDER_TOKENS


async def provider_tokens_of(server: TestServer) -> dict[str, str | None]:
    async with server.app.database.transaction() as db:
        (row,) = await db.all(Statement(sa.select(provider_tokens), ProviderTokensRow))
        tokens = in_clear(db, row)
    return {name: getattr(tokens, name) for name in PROVIDER_TOKENS}


async def content(database: Database) -> str:
    """Every value of every table."""
    found: list[str] = []
    async with database.transaction() as db:
        for table in metadata.sorted_tables:
            statement: Statement[Any] = Statement(sa.select(table), lambda *values: repr(values))
            found += await db.all(statement)
    return "\n".join(found)


@asynccontextmanager
async def opened(url: str, *keys: bytes) -> AsyncIterator[Database]:
    database = open_database(url, encryption_keys=keys)
    await database.start()
    try:
        yield database
    finally:
        await database.stop()


async def rotate(url: str, *keys: bytes) -> tuple[int, int]:
    """Secrets that were encrypted, and those that no key decrypts."""
    async with opened(url, *keys) as database:
        done = [progress async for progress in reencryption.reencrypt(database)]
    return sum(one.encrypted for one in done), sum(one.lost for one in done)


def served(url: str, *keys: bytes) -> Any:
    return running(url, DEVELOPMENT, encryption_keys=keys)


@pytest.fixture
async def plain_database(development_database: str) -> str:
    """A database whose instance is from before there was a key."""
    async with opened(development_database, *read_encryption_keys(ENCRYPTION_KEY)) as database:
        await _decrypt(database)
    return development_database


async def _decrypt(database: Database) -> None:
    """The opposite of what `reencrypt` does, for columns that are bound to their row."""
    async with database.transaction() as db:
        for column in sealed_columns(metadata):
            rows: Statement[tuple[str, str]] = Statement(
                sa.select(column.table.c.id, column).where(column.is_not(None)), lambda *values: tuple(values)
            )
            for row_id, stored in await db.all(rows):
                owner = f"{column.table.name}.{column.name}:{row_id}"
                clear = db.encryption.unseal(stored, bound_to=owner)
                await db.execute(
                    Statement(
                        sa.update(column.table).where(column.table.c.id == row_id).values({column: clear})
                    )
                )


async def test_no_secret_is_in_the_database_in_clear(plain_database: str) -> None:
    await rotate(plain_database, NEW)
    async with served(plain_database, NEW) as server:
        secrets = await fill(server)
        await require_readable(server, secrets)
        stored = await content(server.app.database)

    assert [secret for secret in secrets.in_clear if secret in stored] == []


async def test_database_from_before_works_without_a_key_and_is_encrypted_by_one_command(
    plain_database: str,
) -> None:
    async with served(plain_database) as server:
        secrets = await fill(server)
        await require_readable(server, secrets)

    encrypted, lost = await rotate(plain_database, NEW)

    assert encrypted >= 6
    assert lost == 0
    async with served(plain_database, NEW) as server:
        server.clock.advance(seconds=60)
        await require_readable(server, secrets)
        stored = await content(server.app.database)
    assert [secret for secret in secrets.in_clear if secret in stored] == []


async def test_former_key_can_be_dropped_once_all_is_encrypted_with_the_new_one(plain_database: str) -> None:
    await rotate(plain_database, OLD)
    async with served(plain_database, OLD) as server:
        secrets = await fill(server)

    _, lost = await rotate(plain_database, NEW, OLD)

    assert lost == 0
    async with served(plain_database, NEW) as server:
        server.clock.advance(seconds=60)
        await require_readable(server, secrets)
        async with server.app.database.transaction() as db:
            assert await reencryption.waiting(db) == []


async def test_second_run_has_nothing_to_do(plain_database: str) -> None:
    await rotate(plain_database, NEW)

    assert await rotate(plain_database, NEW) == (0, 0)


async def test_server_serves_while_secrets_are_encrypted_with_another_key(plain_database: str) -> None:
    await rotate(plain_database, OLD)
    async with served(plain_database, NEW, OLD) as server:
        secrets = await fill(server)
        await rotate(plain_database, NEW, OLD)
        await server.app.reload()

        server.clock.advance(seconds=60)
        await require_readable(server, secrets)


async def test_wrong_key_is_refused_at_the_start_and_named_by_its_id_alone(plain_database: str) -> None:
    await rotate(plain_database, OLD)

    with pytest.raises(Undecryptable) as refused:
        async with served(plain_database, NEW):
            pass

    assert refused.value.key_id == Encryption([OLD]).current
    assert OLD.decode() not in str(refused.value)


async def test_key_that_is_dropped_too_early_loses_nothing(plain_database: str) -> None:
    await rotate(plain_database, OLD)
    async with served(plain_database, OLD) as server:
        secrets = await fill(server)

    encrypted, lost = await rotate(plain_database, NEW)

    assert encrypted == 0
    assert lost >= 6
    async with served(plain_database, OLD) as server:
        server.clock.advance(seconds=60)
        await require_readable(server, secrets)


async def test_secret_that_cannot_be_decrypted_is_refused_and_its_key_still_authenticates(
    plain_database: str,
) -> None:
    async with served(plain_database) as server:
        user = await _post(server, "/v1/users", email_address=["ada@example.com"], password=PASSWORD)
        key = await _post(server, "/v1/api_keys", name="Reports", subject=user["id"])
        owner = f"api_keys.secret:{key['id']}"
        lost = Encryption([OLD]).seal(key["secret"], bound_to=owner)
        async with server.app.database.transaction() as db:
            table = metadata.tables["api_keys"]
            await db.execute(Statement(sa.update(table).values(secret=lost)))

        shown = await server.backend().get(f"/v1/api_keys/{key['id']}/secret")
        verified = await server.backend().post("/v1/api_keys/verify", secret=key["secret"])

    assert shown.status_code == 503
    assert key["secret"] not in shown.text
    assert verified.status_code == 200


async def test_rotation_goes_on_where_it_was_interrupted(plain_database: str) -> None:
    async with served(plain_database) as server:
        secrets = await fill(server)
    async with opened(plain_database, NEW) as database:
        async for _ in reencryption.reencrypt(database):
            break  # as if it was killed after its first batch
        async with database.transaction() as db:
            left = sum(one.secrets for one in await reencryption.waiting(db))

    encrypted, _ = await rotate(plain_database, NEW)

    assert left == encrypted > 0
    async with served(plain_database, NEW) as server:
        server.clock.advance(seconds=60)
        await require_readable(server, secrets)


async def test_secret_that_was_replaced_meanwhile_is_not_brought_back(plain_database: str) -> None:
    """A value that was read before it changed is not written."""
    async with served(plain_database, NEW) as server:
        secrets = await fill(server)
    column = metadata.tables["machine_secret_keys"].c.secret
    async with opened(plain_database, NEW) as database, database.transaction() as db:
        count = await db.execute(
            reencryption.replacing(column), id=secrets.machine_id, former="another", sealed="x"
        )

    assert count == 0


def test_every_column_that_may_hold_a_secret_is_sealed_or_hashed() -> None:
    words = ("secret", "private", "password", "key", "token", "code")
    sealed = {f"{column.table.name}.{column.name}" for column in sealed_columns(metadata)}
    suspects = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.Text | sa.JSON)
        and any(word in column.name.split("_") for word in words)
        and column.name not in (*_HASHED, "private_metadata")
    }

    assert suspects - sealed - _NO_SECRETS == set()
