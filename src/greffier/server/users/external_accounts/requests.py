"""Request structs of external accounts. What a strategy reads is in `strategies/oauth/authorization.py`."""

from __future__ import annotations

import msgspec


class ExternalAccountRequest(msgspec.Struct, kw_only=True):
    """Contract: `postOAuthAccounts`."""

    strategy: str
