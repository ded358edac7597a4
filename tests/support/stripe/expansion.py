"""`expand`: ids become the objects that they name, and what answers leave out is included."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.support.stripe.account import Account, Object, as_list
from tests.support.stripe.faults import StripeFault

#: Ids in these fields are never expanded.
_PLAIN = frozenset({"id", "object"})
_LEVELS = 4


def shown(account: Account, found: Object, expand: list[str]) -> Object:
    """An object as an answer has it. Names that begin with an underscore are included on demand only."""
    answer = deepcopy(found)
    for path in expand:
        parts = path.split(".")
        if len(parts) > _LEVELS:
            raise StripeFault(400, f"You cannot expand more than {_LEVELS} levels: {path}", param="expand")
        _expand(account, answer, parts, path)
    return _visible(answer)


def _visible(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _visible(inner) for name, inner in value.items() if not name.startswith("_")}
    return [_visible(inner) for inner in value] if isinstance(value, list) else value


def _expand(account: Account, value: Any, parts: list[str], path: str) -> None:
    if isinstance(value, list):
        for inner in value:
            _expand(account, inner, parts, path)
        return
    name, rest = parts[0], parts[1:]
    _include(account, value, name)
    if name not in value or name in _PLAIN:
        raise StripeFault(400, f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value[name], str):
        if value[name] not in account.objects:
            raise StripeFault(400, f"This property cannot be expanded ({path}).", param="expand")
        value[name] = deepcopy(account.objects[value[name]])
    if rest and value[name] is not None:
        _expand(account, value[name], rest, path)


def _include(account: Account, value: Object, name: str) -> None:
    if f"_{name}" in value:
        value[name] = value.pop(f"_{name}")
    elif value.get("object") == "customer" and name == "subscriptions":
        url = f"/v1/customers/{value['id']}/subscriptions"
        value[name] = as_list(url, deepcopy(account.subscriptions_of(value["id"])))
