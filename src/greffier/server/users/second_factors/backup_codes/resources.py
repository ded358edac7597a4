"""Backup codes on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.users.second_factors.backup_codes.codes import Codes


class BackupCodes(msgspec.Struct, kw_only=True):
    """Contract: `BackupCodes`."""

    object: Literal["backup_code"] = "backup_code"
    id: str
    codes: list[str]
    created_at: int
    updated_at: int


def backup_codes_resource(new: Codes) -> BackupCodes:
    row = new.row
    return BackupCodes(id=row.id, codes=new.codes, created_at=row.created_at, updated_at=row.updated_at)
