"""The facts that are kept of a wallet's name, in the column `ens` of its row."""

from __future__ import annotations

import msgspec

from greffier.server.identifications.tables import IdentificationRow


class KeptName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of the service when it was last asked about a wallet.

    Args:
        read_at: milliseconds.
        avatar: the text of the record that the picture comes from, in short.
        image_id: the picture of the user that was made of it.
    """

    read_at: int
    name: str | None = None
    avatar: str | None = None
    image_id: str | None = None


def kept_of(row: IdentificationRow) -> KeptName | None:
    """Returns what is known of a wallet; `None` while the service was not asked."""
    return None if row.ens is None else msgspec.convert(row.ens, KeptName)


def with_kept(row: IdentificationRow, kept: KeptName) -> IdentificationRow:
    return msgspec.structs.replace(row, ens=msgspec.to_builtins(kept))


def name_of(row: IdentificationRow) -> str | None:
    return None if row.ens is None else row.ens.get("name")
