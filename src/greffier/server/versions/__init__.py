"""Dated API versions: which one a request speaks, and what each date changed.

Rooms speak the newest date. Each `vYYYY_MM_DD.py` has a `Gate` for every behaviour that its date changed;
rules ask `GATE.applies(ctx.version)`.
"""

from __future__ import annotations

import re

from greffier.server.errors import api_version_invalid

DATES = ("2021-02-05", "2024-10-01", "2025-03-12", "2025-04-10", "2025-11-10", "2026-05-12")
OLDEST, NEWEST = DATES[0], DATES[-1]

_WELL_FORMED = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def select(query_values: list[str], header: str | None) -> str:
    """The date that a request speaks.

    SDKs of before dated versions send nothing and get the oldest. A well-formed date after the newest known
    counts as the newest: browser SDKs are released ahead of the published contract.

    Args:
        query_values: every value of `__clerk_api_version`.
        header: the `Clerk-API-Version` header.

    Raises:
        ApiError: 400 `api_version_invalid` for a malformed date, a date that never existed, or two of them.
    """
    given = [*query_values, *([header] if header is not None else [])]
    if not given:
        return OLDEST
    if len(given) > 1:
        raise api_version_invalid("Send the API version once, as a query parameter or as a header.")
    date = given[0]
    if not _WELL_FORMED.fullmatch(date):
        raise api_version_invalid(f"{date[:20]!r} is not a date of the form YYYY-MM-DD.")
    if date > NEWEST:
        return NEWEST
    if date not in DATES:
        raise api_version_invalid(f"There is no API version {date}. Known versions: {', '.join(DATES)}.")
    return date
