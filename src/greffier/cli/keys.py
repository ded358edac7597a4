"""`greffier keys`: secret keys and signing keys of an instance, and encryption with another key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from greffier.cli.encryption import reencrypt
from greffier.cli.opening import data_option, instance_option, iso, json_option, print_json, with_database

if TYPE_CHECKING:
    from greffier.server.store.database import Database

Kind = Literal["secret", "signing"]


@click.group()
def keys() -> None:
    """Secret keys and signing keys of an instance."""


@keys.command("list")
@instance_option
@data_option
@json_option
def list_keys(instance: str | None, data: Path | None, as_json: bool) -> None:
    """Print the keys in use. Secret keys are stored as hashes; their last four characters are known."""
    found = with_database(data, lambda database: _list(database, instance))
    if as_json:
        print_json(found)
        return
    click.echo(f"publishable  {found['publishable_key']}")
    for key in found["secret_keys"]:
        click.echo(f"secret       ...{key['last_four']}  {_until('works', key['expire_at'])}")
    for key in found["signing_keys"]:
        click.echo(f"signing      {key['kid']}  {_signing_state(key)}")


def _signing_state(key: dict[str, Any]) -> str:
    if key["publish_until"] is not None:
        return ("signs, " if key["signs"] else "") + _until("published", key["publish_until"])
    return "signs" if key["signs"] else f"published, signs from {iso(key['sign_from'])}"


@keys.command("rotate")
@click.argument("kind", type=click.Choice(["secret", "signing"]), required=False)
@click.option(
    "--encryption",
    is_flag=True,
    help="Instead, encrypt all secrets in the database with the first of GREFFIER_ENCRYPTION_KEYS.",
)
@instance_option
@data_option
@click.option(
    "--overlap",
    type=click.FloatRange(min=0, max=8784),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="How long the former keys still count.",
)
@json_option
def rotate_keys(
    kind: Kind | None,
    encryption: bool,
    instance: str | None,
    data: Path | None,
    overlap: float,
    as_json: bool,
) -> None:
    """Make a new key; the former ones count for --overlap hours more.

    A new signing key is published for five minutes before it signs, and former ones stay published for as
    long as their last tokens live, however short the overlap is.

    With --encryption no key is made: first give a new one to all servers, in front of the former ones.
    Servers keep serving meanwhile. When it was interrupted, run it again; when it is done, drop the former
    keys.
    """
    if encryption == (kind is not None):
        raise click.UsageError("Name the kind, secret or signing; or say --encryption instead.")
    if kind is None:
        reencrypt(data, as_json=as_json)
        return
    facts = with_database(data, lambda database: _rotate(database, instance, kind, int(overlap * 3_600_000)))
    if as_json:
        print_json(facts)
    elif kind == "secret":
        click.echo(f"New secret key, not stored and never shown again:\n  {facts['secret_key']}")
    else:
        click.echo(f"New signing key {facts['kid']} signs from {iso(facts['sign_from'])}.")


def _until(word: str, millis: int | None) -> str:
    return word if millis is None else f"{word} until {iso(millis)}"


async def _list(database: Database, instance: str | None) -> dict[str, Any]:
    from greffier.server.instances.administration import choose_instance
    from greffier.server.instances.secret_keys import secret_keys_of
    from greffier.server.signing.keys import signing_keys_of
    from greffier.server.store.clock import Clock

    now = Clock().now_ms()
    async with database.transaction() as db:
        row = await choose_instance(db, instance)
        signing = await signing_keys_of(db, row.id, now)
        signer = next((key.id for key in signing if key.sign_from <= now), None)
        return {
            "publishable_key": row.publishable_key,
            "secret_keys": [
                {"last_four": key.last_four, "created_at": key.created_at, "expire_at": key.expire_at}
                for key in await secret_keys_of(db, row.id, now)
            ],
            "signing_keys": [
                {
                    "kid": key.kid,
                    "signs": key.id == signer,
                    "sign_from": key.sign_from,
                    "publish_until": key.publish_until,
                    "created_at": key.created_at,
                }
                for key in signing
            ],
        }


async def _rotate(database: Database, instance: str | None, kind: Kind, overlap_ms: int) -> dict[str, Any]:
    from greffier.server.instances.administration import (
        choose_instance,
        lock_instance,
        save_instance,
        settings_of,
    )
    from greffier.server.instances.secret_keys import rotate_secret_key
    from greffier.server.signing.keys import rotate_signing_key
    from greffier.server.store.clock import Clock

    now = Clock().now_ms()
    async with database.transaction() as db:
        row = await lock_instance(db, (await choose_instance(db, instance)).id)
        if kind == "secret":
            key = await rotate_secret_key(db, row, overlap_ms=overlap_ms, now_ms=now)
            return {"instance_id": row.id, "secret_key": key}
        new = await rotate_signing_key(
            db,
            instance_id=row.id,
            overlap_ms=overlap_ms,
            longest_token_ms=settings_of(row).session.token_lifetime * 1000,
            now_ms=now,
        )
        await save_instance(db, row, now)
        return {"instance_id": row.id, "kid": new.kid, "sign_from": new.sign_from}
