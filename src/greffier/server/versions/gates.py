"""`Gate`: a behaviour that an API date brought."""

from __future__ import annotations

import msgspec


class Gate(msgspec.Struct, frozen=True):
    """A behaviour of all versions from `date` on. Dates are ISO 8601, so that they compare as text."""

    date: str

    def applies(self, version: str) -> bool:
        """Whether requests of this version have the behaviour."""
        return version >= self.date
