"""Mails that are sent instead of a code or link."""

from __future__ import annotations

from greffier.server.delivery import messages
from greffier.server.identifications.notices import Notice

NOTICES: dict[Notice, messages.Notice] = {
    "account_exists": messages.account_exists_message,
    "no_account": messages.no_account_message,
}
