"""Request structs about phone numbers in general; those of users are in `users/phone_numbers/`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from greffier.server.web.instance.settings import Country


class CommunicationPatch(msgspec.Struct, kw_only=True):
    """Absent or null leaves everything as it is."""

    blocked_country_codes: Annotated[tuple[Country, ...], msgspec.Meta(max_length=250)] | None = None
