"""`greffier users`: people of an instance, for operators without a dashboard."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from greffier.cli.opening import data_option, instance_option, iso, json_option, print_json, with_database

if TYPE_CHECKING:
    from greffier.server.store.database import Database
    from greffier.server.web.context import Context


@click.group()
def users() -> None:
    """Users of an instance."""


@users.command("list")
@instance_option
@data_option
@click.option("--query", help="Part of an address, a name or an id.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True)
@json_option
def list_users(
    instance: str | None, data: Path | None, query: str | None, limit: int, offset: int, as_json: bool
) -> None:
    """Print users, newest first."""

    async def work(ctx: Context) -> list[Any]:
        from greffier.server.users.resources import backend_users
        from greffier.server.users.search import UserListQuery, list_users

        wanted = UserListQuery(query=query, limit=limit, offset=offset)
        return await backend_users(ctx, await list_users(ctx, wanted))

    found = [_facts(user) for user in with_database(data, lambda database: _act(database, instance, work))]
    if as_json:
        print_json(found)
        return
    for user in found:
        addresses = ", ".join(user["email_addresses"]) or user["username"] or "-"
        click.echo(f"{user['id']}  {iso(user['created_at'])}  {addresses}")


@users.command("create")
@instance_option
@data_option
@click.option("--email", required=True, help="A verified address of the user.")
@click.option("--first-name")
@click.option("--last-name")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input.")
@json_option
def create_user(
    instance: str | None,
    data: Path | None,
    email: str,
    first_name: str | None,
    last_name: str | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Make a user; without a password they sign in by a code in their mail."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def work(ctx: Context) -> Any:
        from greffier.server.users import creation
        from greffier.server.users.requests import CreateUserRequest
        from greffier.server.users.resources import backend_user

        request = CreateUserRequest(
            email_address=[email],
            first_name=first_name,
            last_name=last_name,
            password=password,
            skip_password_requirement=password is None,
        )
        return await backend_user(ctx, await creation.create_user(ctx, request))

    user = _facts(with_database(data, lambda database: _act(database, instance, work)))
    if as_json:
        print_json(user)
    else:
        click.echo(user["id"])


def _facts(user: Any) -> dict[str, Any]:
    return {
        "id": user.id,
        "email_addresses": [address.email_address for address in user.email_addresses],
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "created_at": user.created_at,
    }


async def _act(database: Database, instance: str | None, work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Run a rule as the instance's operator, in one transaction."""
    from greffier.server.app import operator_context
    from greffier.server.instances.administration import choose_instance
    from greffier.server.instances.rows import instance_of

    async with database.transaction() as db:
        row = await choose_instance(db, instance)
        return await work(operator_context(database, db, instance_of(row)))
