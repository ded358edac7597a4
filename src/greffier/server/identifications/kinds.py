"""The base of all kinds of identification, and the registry that finds them.

A module of any room that is named `kind` and ends in `KIND = ...` is found at start, such as
`users/usernames/kind.py`; other packages offer one by an entry point of the group `greffier.identifications`
that has its name. Everything that asks for identifiers walks through `kinds()`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any, ClassVar, TypeVar, cast

import msgspec
import sqlalchemy as sa

from greffier.server import errors
from greffier.server.delivery.messages import Notice
from greffier.server.discovery import modules_named
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import find_identifying, require_unclaimed
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.store.matching import contains
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.instance.settings import Attributes

S = TypeVar("S", bound=msgspec.Struct)


class Owner(msgspec.Struct, frozen=True):
    """The user that an identifier belongs to. `user` is the user's row if the look-up read it."""

    user_id: str
    identification: IdentificationRow | None = None
    user: msgspec.Struct | None = None


class IdentificationKind:
    """Base of kinds: how one is read, found, shown and verified. A kind overrides what differs. By default,
    identifications are rows of this room's table, and a user may have several."""

    name: ClassVar[str]
    """Its attribute in the settings, its field in sign-ups and in errors, and what its ids are called:
    `phone_number` has `phone_number_id` and `primary_phone_number_id`."""
    plural: ClassVar[str]
    """The field of users with all of them."""
    verifiable: ClassVar[bool] = True
    """Identifications of this kind are rows of this room's table, and strategies verify them."""
    replaces_password: ClassVar[bool] = False
    """People who sign up with one that signs in choose no password."""
    read_last: ClassVar[bool] = False
    """A text that was entered to sign in is of this kind only if no other kind recognises it."""

    def is_immutable(self, ctx: Context) -> bool:
        """Returns whether users of the instance keep the one that they have."""
        return ctx.instance.settings.attribute(self.name).immutable

    def recognises(self, text: str) -> bool:
        """Returns whether a text that was entered to sign in looks like this kind."""
        raise NotImplementedError

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        """Raises: ApiError: 422 at `param` when the text is none."""
        raise NotImplementedError

    def canonical(self, text: str) -> str:
        """Returns the form in which texts are compared. Filters pass any text, and then find nothing."""
        return text

    def identifier(self, value: str) -> Identifier:
        """Returns the identifier of a value that `read` returned before."""
        return Identifier(self.name, value, self.canonical(value))

    def contains(self, text: str) -> sa.ColumnElement[bool]:
        """Condition that an identification is of this kind and contains `text`, in either spelling."""
        value: sa.ColumnElement[Any] = identifications.c.value
        found = sa.or_(
            contains(identifications.c.canonical, self.canonical(text)),
            contains(value, unicodedata.normalize("NFC", text)),
        )
        return sa.and_(identifications.c.kind == self.name, found)

    def masked(self, value: str) -> str:
        """Returns the value for display to a person who may not know it."""
        return f"***{value[-2:]}" if len(value) > 3 else "***"

    def require_reachable(self, ctx: Context, value: str) -> None:
        """Raises: ApiError: 422 when it could not be verified, because nothing can be sent there."""

    async def require_allowed(self, ctx: Context, identifier: Identifier) -> None:
        """Raises: ApiError: 403 when the instance does not let users have this one."""

    async def read_new(self, ctx: Context, text: str) -> Identifier:
        """Reads an unverified identifier that a user enters.

        Raises:
            ApiError: 422 when it is malformed, of a kind that is off, unreachable, or another user's, unless
                enumeration protection hides that; 403 when it is not allowed.
        """
        if not ctx.instance.settings.attribute(self.name).enabled:
            raise errors.invalid_params(errors.param_not_enabled(self.name))
        identifier = self.read(ctx, text, self.name)
        self.require_reachable(ctx, identifier.value)
        if not ctx.instance.settings.attack_protection.enumeration_protection:
            await require_unclaimed(ctx, identifier)
        await self.require_allowed(ctx, identifier)
        return identifier

    async def find(self, ctx: Context, identifier: Identifier) -> Owner | None:
        """Returns the user who signs in with this identifier, if there is one."""
        row = await find_identifying(ctx, identifier)
        return Owner(row.user_id, row) if row else None

    def names(self, user: msgspec.Struct, owned: list[IdentificationRow]) -> bool:
        """Returns whether a user has one to enter. Args: owned: the user's identifications of every kind."""
        return any(row.kind == self.name and row.identifies for row in owned)

    def columns(self, value: str | None) -> dict[str, str | None]:
        """Returns columns of a new user, for kinds that are not rows of this room's table."""
        return {}

    def resource(self, found: Identification, *, now: int) -> msgspec.Struct:
        """Returns the wire resource, the same on both faces."""
        raise NotImplementedError

    notifies: ClassVar[bool] = False
    """`notify` sends something."""

    async def notify(self, ctx: Context, row: IdentificationRow, notice: Notice) -> None:
        """Sends a notice about the account, where this kind has a way for it."""

    async def notify_former_primary(self, ctx: Context, former: IdentificationRow) -> None:
        """Notifies the former primary identification that another one is primary now."""


@lru_cache(maxsize=1)
def kinds() -> tuple[IdentificationKind, ...]:
    """Returns every kind, in the order of the settings; those of other packages follow by name."""
    found = [module.KIND for module in modules_named("kind")]
    found += [entry.load() for entry in entry_points(group="greffier.identifications")]
    order = {name: index for index, name in enumerate(Attributes.__struct_fields__)}
    return tuple(sorted(found, key=lambda kind: (order.get(kind.name, len(order)), kind.name)))


def with_fields_of_kinds(struct: type[S], plural: bool) -> type[S]:
    """A resource of the Frontend API that also has fields for those kinds that the contract does not know:
    browser SDKs ignore what they do not know. Clients of the Backend API are made of the contract.

    Args:
        plural: those of a user, who has several, and a primary one; else those of a sign-up, which has one.
    """
    return _extended(struct, plural, kinds())


@lru_cache(maxsize=16)
def _extended(struct: type[S], plural: bool, known: tuple[IdentificationKind, ...]) -> type[S]:
    fields: list[tuple[str, Any, Any]] = []
    for kind in known:
        if plural and kind.verifiable:
            fields += [(kind.plural, list[Any], []), (f"primary_{kind.name}_id", str | None, None)]
        elif not plural:
            fields.append((kind.name, str | None, None))
    fields = [field for field in fields if field[0] not in struct.__struct_fields__]
    if not fields:
        return struct
    extended = msgspec.defstruct(struct.__name__, fields, bases=(struct,), kw_only=True)
    return cast(type[S], extended)


def kind_named(name: str) -> IdentificationKind:
    """Raises: ApiError: 422 when no installed package has this kind any more."""
    found = next((kind for kind in kinds() if kind.name == name), None)
    if found is None:
        raise errors.invalid_params(errors.param_not_enabled(name))
    return found


def verifiable_kinds() -> list[IdentificationKind]:
    return [kind for kind in kinds() if kind.verifiable]


def readings(ctx: Context, text: str) -> list[Identifier]:
    """Returns what a text that was entered to sign in may mean, the likeliest first: kinds overlap, and users
    of before may be named like a phone number. Only kinds that identify in this instance count.

    Raises:
        ApiError: 422 at `identifier` when it is of no such kind.
    """
    identify = ctx.instance.settings.identifiers
    asked = [kind for kind in kinds() if kind.name in identify] or [kinds()[0]]
    likely = [kind for kind in sorted(asked, key=lambda kind: kind.read_last) if kind.recognises(text)]
    found = [one for kind in likely[:-1] if (one := _read_if_possible(ctx, kind, text))]
    last = likely[-1] if likely else asked[0]
    one = _read_if_possible(ctx, last, text) if found else last.read(ctx, text, "identifier")
    return [*found, one] if one else found


def _read_if_possible(ctx: Context, kind: IdentificationKind, text: str) -> Identifier | None:
    try:
        return kind.read(ctx, text, "identifier")
    except ApiError:
        return None


async def find_owner(ctx: Context, read: list[Identifier]) -> Owner | None:
    """Returns the user of the likeliest reading that has one. All are looked up even so, that the time does
    not tell which."""
    found = [await kind_named(identifier.kind).find(ctx, identifier) for identifier in read]
    return next((owner for owner in found if owner is not None), None)
