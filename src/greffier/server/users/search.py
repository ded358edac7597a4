"""Filters and orders of lists and counts of users. These statements depend on the request, so they are here
and not in `queries.py`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import sqlalchemy as sa

from greffier.server import errors
from greffier.server.identifications.kinds import verifiable_kinds
from greffier.server.identifications.tables import identifications
from greffier.server.store.matching import contains
from greffier.server.users.external_accounts.tables import STRATEGY_PREFIX, external_accounts
from greffier.server.users.lookup import find_user
from greffier.server.users.profile.names import canonical_username
from greffier.server.users.tables import UserRow, users
from greffier.server.web.context import Context
from greffier.server.web.operations.pagination import Limit, Offset

Condition = sa.ColumnElement[bool]
Values = Annotated[list[str], msgspec.Meta(max_length=100)]
Moment = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | None
"""Milliseconds since the epoch."""


class UserFilters(msgspec.Struct, kw_only=True):
    """Contract: the query of `GetUsersCount`. SDKs also send it the page and the order of a list."""

    email_address: Values = []
    phone_number: Values = []
    external_id: Values = []
    username: Values = []
    web3_wallet: Values = []
    user_id: Values = []
    organization_id: Values = []
    query: str | None = None
    email_address_query: str | None = None
    phone_number_query: str | None = None
    username_query: str | None = None
    name_query: str | None = None
    banned: bool | None = None
    last_active_at_before: Moment = None
    last_active_at_after: Moment = None
    last_active_at_since: Moment = None
    created_at_before: Moment = None
    created_at_after: Moment = None
    last_sign_in_at_before: Moment = None
    last_sign_in_at_after: Moment = None
    provider: str | None = None
    provider_user_id: Values = []


class UserListQuery(UserFilters, kw_only=True):
    """Contract: the query of `GetUserList`."""

    limit: Limit = 10
    offset: Offset = 0

    order_by: list[str] = []
    starting_after: str | None = None


async def count_users(ctx: Context, filters: UserFilters) -> int:
    return await ctx.db.count(users, *_conditions(ctx, filters))


async def list_users(ctx: Context, query: UserListQuery) -> list[UserRow]:
    """One page of the users that match.

    Raises:
        ApiError: 422 for an unknown order, or a cursor that fits neither the order nor any user.
    """
    key, descending = _order(query.order_by)
    conditions = _conditions(ctx, query)
    if query.starting_after is not None:
        conditions.append(await _after(ctx, query, key, descending=descending))
    column = _SORT_KEYS[key]
    statement = (
        sa.select(users)
        .where(*conditions)
        .order_by(*_sorted(column, descending=descending))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(statement, UserRow)


# --- filters ------------------------------------------------------------------------------------------------


def _conditions(ctx: Context, filters: UserFilters) -> list[Condition]:
    return [*user_conditions(ctx.instance.id, filters), *_memberships(ctx, filters.organization_id)]


def user_conditions(instance_id: str, filters: UserFilters) -> list[Condition]:
    """The filters on the user's own columns."""
    return [
        users.c.instance_id == instance_id,
        *_exact(filters),
        *_signed(users.c.external_id, filters.external_id),
        *_signed(users.c.id, filters.user_id),
        *_partial(filters),
        *_moments(filters),
        *([] if filters.banned is None else [users.c.banned == sa.literal(filters.banned)]),
        *_of_external_accounts(filters),
    ]


def _exact(filters: UserFilters) -> list[Condition]:
    conditions: list[Condition] = []
    for kind in verifiable_kinds():
        if texts := getattr(filters, kind.name, None):
            wanted = identifications.c.canonical.in_([kind.canonical(text) for text in texts])
            conditions.append(_has(sa.and_(identifications.c.kind == kind.name, wanted)))
    if filters.username:
        conditions.append(users.c.username.in_([canonical_username(name) for name in filters.username]))
    return conditions


def _has(condition: Condition) -> Condition:
    return sa.exists().where(
        identifications.c.instance_id == users.c.instance_id,
        identifications.c.user_id == users.c.id,
        condition,
    )


def _signed(column: sa.Column[Any], values: list[str]) -> list[Condition]:
    """`-` before a value excludes it; `+`, which an unescaped URL turns into a space, does nothing."""
    included, excluded = _included_and_excluded(values)
    conditions: list[Condition] = []
    if included:
        conditions.append(column.in_(included))
    if excluded:
        conditions.append(sa.or_(column.is_(None), column.not_in(excluded)))
    return conditions


def _included_and_excluded(values: list[str]) -> tuple[list[str], list[str]]:
    excluded = [value[1:] for value in values if value.startswith("-")]
    return [value.lstrip("+ ") for value in values if not value.startswith("-")], excluded


def _memberships(ctx: Context, values: list[str]) -> list[Condition]:
    included, excluded = _included_and_excluded(values)
    members_of = ctx.services.ports.organizations.members_of
    conditions: list[Condition] = []
    if included:
        conditions.append(users.c.id.in_(members_of(ctx.instance.id, included)))
    if excluded:
        conditions.append(users.c.id.not_in(members_of(ctx.instance.id, excluded)))
    return conditions


def _partial(filters: UserFilters) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.query:
        conditions.append(
            sa.or_(
                identification_like(filters.query),
                contains(users.c.id, filters.query),
                contains(users.c.external_id, filters.query),
                contains(users.c.username, filters.query),
                name_like(filters.query),
            )
        )
    for kind in verifiable_kinds():
        if text := getattr(filters, f"{kind.name}_query", None):
            conditions.append(_has(kind.contains(text)))
    if filters.username_query:
        conditions.append(contains(users.c.username, filters.username_query))
    if filters.name_query:
        conditions.append(name_like(filters.name_query))
    return conditions


def name_like(text: str) -> Condition:
    whole = sa.func.coalesce(users.c.first_name, "") + " " + sa.func.coalesce(users.c.last_name, "")
    return contains(whole, text)


def identification_like(text: str) -> Condition:
    return _has(sa.or_(*(kind.contains(text) for kind in verifiable_kinds())))


def _moments(filters: UserFilters) -> list[Condition]:
    conditions: list[Condition] = []
    for column in (users.c.last_active_at, users.c.created_at, users.c.last_sign_in_at):
        before: int | None = getattr(filters, f"{column.name}_before")
        after: int | None = getattr(filters, f"{column.name}_after")
        if before is not None:
            conditions.append(column < before)
        if after is not None:
            conditions.append(column > after)
    if filters.last_active_at_since is not None:
        conditions.append(users.c.last_active_at >= filters.last_active_at_since)
    return conditions


def _of_external_accounts(filters: UserFilters) -> list[Condition]:
    """`provider` is named as the strategy is, such as `oauth_google`."""
    accounts = external_accounts.c
    if filters.provider is None and not filters.provider_user_id:
        return []
    conditions = [accounts.user_id == users.c.id, accounts.provider_user_id.is_not(None)]
    if filters.provider is not None:
        conditions.append(accounts.provider == filters.provider.removeprefix(STRATEGY_PREFIX))
    if filters.provider_user_id:
        conditions.append(accounts.provider_user_id.in_(filters.provider_user_id))
    return [sa.exists().where(*conditions)]


# --- order --------------------------------------------------------------------------------------------------


def _primary(kind: str) -> sa.ColumnElement[Any]:
    return (
        sa.select(identifications.c.canonical)
        .where(
            identifications.c.user_id == users.c.id,
            identifications.c.kind == kind,
            identifications.c.is_primary == sa.true(),
        )
        .limit(1)
        .correlate(users)
        .scalar_subquery()
    )


BY_PRIMARY: dict[str, sa.ColumnElement[Any]] = {
    "email_address": _primary("email_address"),
    "phone_number": _primary("phone_number"),
}
"""Orders by the primary identification of a kind."""
_SORT_KEYS: dict[str, sa.ColumnElement[Any]] = {
    "created_at": users.c.created_at,
    "updated_at": users.c.updated_at,
    **BY_PRIMARY,
    "web3wallet": _primary("web3_wallet"),
    "first_name": sa.func.lower(users.c.first_name),
    "last_name": sa.func.lower(users.c.last_name),
    "username": users.c.username,
    "last_active_at": users.c.last_active_at,
    "last_sign_in_at": users.c.last_sign_in_at,
}


def _order(given: list[str]) -> tuple[str, bool]:
    """The key and whether it descends. Of several orders the first counts."""
    text = given[0] if given else "-created_at"
    key = text[1:] if text[0] in "+- " else text
    if key not in _SORT_KEYS:
        raise errors.invalid_params(errors.param_value_invalid("order_by", text))
    return key, text.startswith("-")


def _sorted(column: sa.ColumnElement[Any], *, descending: bool) -> list[sa.ColumnElement[Any]]:
    """Users without the value come last; the id decides between equals, so that pages never overlap."""
    key = users.c.id.desc() if descending else users.c.id.asc()
    ordered = column.desc() if descending else column.asc()
    # A plain column lets the index serve the default order.
    return [ordered if column is users.c.created_at else ordered.nulls_last(), key]


async def _after(ctx: Context, query: UserListQuery, key: str, *, descending: bool) -> Condition:
    if key != "created_at":
        why = "starting_after needs the order created_at."
        raise errors.invalid_params(errors.param_format_invalid("starting_after", why))
    if query.offset:
        why = "starting_after cannot be combined with an offset."
        raise errors.invalid_params(errors.param_format_invalid("starting_after", why))
    cursor = await find_user(ctx, query.starting_after or "")
    if cursor is None:
        raise errors.invalid_params(errors.param_value_invalid("starting_after", str(query.starting_after)))
    position = sa.tuple_(users.c.created_at, users.c.id)
    reached = sa.tuple_(sa.literal(cursor.created_at, sa.BigInteger), sa.literal(cursor.id))
    return position < reached if descending else position > reached
