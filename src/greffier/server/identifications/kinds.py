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
from greffier.server.discovery import modules_named
from greffier.server.identifications.claims import find_claimed, require_unclaimed
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.store.matching import contains
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.instance.settings import Attributes

S = TypeVar("S", bound=msgspec.Struct)


class Owner(msgspec.Struct, frozen=True):
    """Whom an identifier names. `user` is the user's row where it was read on the way."""

    user_id: str
    identification: IdentificationRow | None = None
    user: msgspec.Struct | None = None


class IdentificationKind:
    """How one kind is read, found, claimed, shown and verified. A kind overrides what differs: as it is here,
    identifications are rows of this room's table, which a user may have several of."""

    name: ClassVar[str]
    """Its attribute in the settings, its field in sign-ups and in errors, and what its ids are called:
    `phone_number` has `phone_number_id` and `primary_phone_number_id`."""
    plural: ClassVar[str]
    """The field of users that has them."""
    verifiable: ClassVar[bool] = True
    """It is a row of this room's table, which strategies verify."""
    read_last: ClassVar[bool] = False
    """What people enter to sign in is of this kind only when no other one recognises it."""

    def recognises(self, text: str) -> bool:
        """Whether what people enter to sign in looks like one."""
        raise NotImplementedError

    def read(self, text: str, param: str) -> Identifier:
        """Raises: ApiError: 422 at `param` when the text is none."""
        raise NotImplementedError

    def canonical(self, text: str) -> str:
        """How a text is compared that may be none: filters then find nothing."""
        return text

    def identifier(self, value: str) -> Identifier:
        """Of a value that `read` has returned."""
        return Identifier(self.name, value, self.canonical(value))

    def contains(self, text: str) -> sa.ColumnElement[bool]:
        """Whether a row of this room's table is of this kind and has `text` in it, however it was spelled."""
        value: sa.ColumnElement[Any] = identifications.c.value
        found = sa.or_(
            contains(identifications.c.canonical, self.canonical(text)),
            contains(value, unicodedata.normalize("NFC", text)),
        )
        return sa.and_(identifications.c.kind == self.name, found)

    def masked(self, value: str) -> str:
        """As it is shown to those who may not know it."""
        return f"***{value[-2:]}" if len(value) > 3 else "***"

    def require_reachable(self, ctx: Context, value: str) -> None:
        """Raises: ApiError: 422 when it could not be verified, because nothing can be sent there."""

    async def read_new(self, ctx: Context, text: str) -> Identifier:
        """What somebody gives as theirs, who has not proven it.

        Raises:
            ApiError: 422 when it is none, or off, or cannot be reached, or somebody has it, unless that must
                not be told.
        """
        if not ctx.instance.settings.attribute(self.name).enabled:
            raise errors.invalid_params(errors.param_not_enabled(self.name))
        identifier = self.read(text, self.name)
        self.require_reachable(ctx, identifier.value)
        if not ctx.instance.settings.attack_protection.enumeration_protection:
            await require_unclaimed(ctx, identifier)
        return identifier

    async def find(self, ctx: Context, identifier: Identifier) -> Owner | None:
        """Whom it names, if anybody has proven it or had it reserved."""
        row = await find_claimed(ctx, identifier)
        return Owner(row.user_id, row) if row else None

    def columns(self, value: str | None) -> dict[str, str | None]:
        """Columns of a new user that hold it, where it is no row of this room's table."""
        return {}

    def resource(self, found: Identification, *, now: int) -> msgspec.Struct:
        """As both faces show it."""
        raise NotImplementedError

    async def notify_former_primary(self, ctx: Context, former: IdentificationRow) -> None:
        """Tell the user, there where they were reached until now, that another one is primary."""


@lru_cache(maxsize=1)
def kinds() -> tuple[IdentificationKind, ...]:
    """Every kind, in the order of the settings; those of other packages follow by name."""
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
    return next(kind for kind in kinds() if kind.name == name)


def verifiable_kinds() -> list[IdentificationKind]:
    return [kind for kind in kinds() if kind.verifiable]


def kind_of_text(ctx: Context, text: str) -> IdentificationKind:
    """Which kind of those that identify in this instance somebody names themselves by. A text that looks like
    none is for the first one to refuse."""
    identify = ctx.instance.settings.identifiers
    asked = [kind for kind in kinds() if kind.name in identify] or [kinds()[0]]
    likely = (kind for kind in sorted(asked, key=lambda kind: kind.read_last) if kind.recognises(text))
    return next(likely, asked[0])
