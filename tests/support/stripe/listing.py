"""Lists and searches: filters, pages of them, and Stripe's query language as far as it is used."""

from __future__ import annotations

import re
from typing import Any

from tests.support.stripe.account import Account, Object, as_list
from tests.support.stripe.expansion import shown
from tests.support.stripe.faults import StripeFault, no_such

_CLAUSE = re.compile(r"""\s*(\w+)(?:\[['"](.+?)['"]\])?:['"](.*?)['"]\s*""")


def page(account: Account, url: str, found: list[Object], params: dict[str, Any]) -> Object:
    """The page of a list that `limit`, `starting_after` and `ending_before` ask for."""
    limit = _limit(params)
    ids = [one["id"] for one in found]
    if after := params.get("starting_after"):
        rest = found[_place(ids, after, "starting_after") + 1 :]
        part, has_more = rest[:limit], len(rest) > limit
    elif before := params.get("ending_before"):
        rest = found[: _place(ids, before, "ending_before")]
        part, has_more = rest[-limit:], len(rest) > limit
    else:
        part, has_more = found[:limit], len(found) > limit
    return shown(account, as_list(url, part, has_more=has_more), params.get("expand", []))


def search(account: Account, url: str, found: list[Object], params: dict[str, Any]) -> Object:
    """The page of a search result; `page` is a number in disguise."""
    limit, start = _limit(params), int(params.get("page", 0))
    matching = [one for one in found if _matches(one, str(params.get("query", "")))]
    more = len(matching) > start + limit
    answer = as_list(url, matching[start : start + limit], has_more=more)
    answer |= {"object": "search_result", "next_page": str(start + limit) if more else None}
    return shown(account, answer, params.get("expand", []))


def _limit(params: dict[str, Any]) -> int:
    limit = str(params.get("limit", "10"))
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise StripeFault(400, "limit must be between 1 and 100", param="limit")
    return int(limit)


def _place(ids: list[str], id: str, param: str) -> int:
    if id not in ids:
        raise no_such("object", id, param, 400)
    return ids.index(id)


def _matches(found: Object, query: str) -> bool:
    for clause in query.split(" AND "):
        parts = _CLAUSE.fullmatch(clause)
        if parts is None:
            raise StripeFault(400, "We were unable to parse your search query.", param="query")
        field, key, wanted = parts.groups()
        value = found.get(field) or {}
        if (value.get(key) if key else found.get(field)) != wanted:
            return False
    return True
