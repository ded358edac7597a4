"""Phone numbers as a kind of identification."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.phone_numbers.reading import (
    NAME,
    canonical,
    digits_of,
    looks_like_number,
    read_phone_number,
)
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.identifications.phone_numbers.texting import require_country
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import identifications
from greffier.server.store.matching import contains
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context


class PhoneNumberKind(IdentificationKind):
    """Recognised by its digits."""

    name = NAME
    plural = "phone_numbers"

    def recognises(self, text: str) -> bool:
        return looks_like_number(text)

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        return read_phone_number(text, ctx.instance.settings.phone_numbers.default_region, param)

    def canonical(self, text: str) -> str:
        return canonical(text)

    def contains(self, text: str) -> sa.ColumnElement[bool]:
        digits = digits_of(text)
        found = contains(identifications.c.canonical, digits) if digits else sa.false()
        return sa.and_(identifications.c.kind == self.name, found)

    def masked(self, value: str) -> str:
        """As in `+1********43`."""
        return f"{value[:2]}{'*' * (len(value) - 4)}{value[-2:]}"

    def require_reachable(self, ctx: Context, value: str) -> None:
        require_country(ctx, value)

    def resource(self, found: Identification, *, now: int) -> PhoneNumber:
        return phone_number_resource(found, now=now)


KIND = PhoneNumberKind()
