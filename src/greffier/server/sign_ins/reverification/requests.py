"""Request structs of reverifications."""

from __future__ import annotations

import msgspec

from greffier.server.sign_ins.reverification.flow import Level


class StartRequest(msgspec.Struct, kw_only=True):
    level: Level
