"""Every call of the API that is there: method, path, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.support.stripe import listing, resources, sessions, subscriptions, webhooks
from tests.support.stripe.account import Account, Object
from tests.support.stripe.expansion import shown
from tests.support.stripe.faults import StripeFault
from tests.support.stripe.forms import boolean

Params = dict[str, Any]


class Call(NamedTuple):
    """A request: `id` is the one in its path, `url` that of this server."""

    account: Account
    params: Params
    id: str
    url: str


Action = Callable[[Call], Object]


def answer(method: str, path: str, account: Account, params: Params, url: str) -> Object:
    """The body of the answer. Raises `StripeFault`."""
    for route_method, pattern, action in _ROUTES:
        if route_method == method and (found := pattern.fullmatch(path)):
            return action(Call(account, params, found.groupdict().get("id", ""), url))
    raise StripeFault(404, f"Unrecognized request URL ({method}: {path}).")


def _one(prefix: str) -> Action:
    def retrieve(call: Call) -> Object:
        return shown(call.account, call.account.find(prefix, call.id), call.params.get("expand", []))

    return retrieve


def _made(create: Callable[[Account, Params], Object]) -> Action:
    def made(call: Call) -> Object:
        params = {name: value for name, value in call.params.items() if name != "expand"}
        return shown(call.account, create(call.account, params), call.params.get("expand", []))

    return made


def _changed(prefix: str, change: Callable[[Account, Object, Params], Object]) -> Action:
    def changed(call: Call) -> Object:
        found = call.account.find(prefix, call.id)
        if found.get("deleted"):
            raise StripeFault(404, f"No such object: '{call.id}'", code="resource_missing", param="id")
        return shown(call.account, change(call.account, found, call.params), [])

    return changed


def _list(path: str, prefix: str, *filters: str) -> Action:
    def listed(call: Call) -> Object:
        found = [one for one in call.account.all(prefix) if not one.get("deleted")]
        for name in filters:
            if name in call.params:
                wanted = call.params[name]
                found = [
                    one
                    for one in found
                    if one[name] == (boolean(wanted) if isinstance(one[name], bool) else wanted)
                ]
        if "ids" in call.params:
            found = [one for one in found if one["id"] in call.params["ids"]]
        return listing.page(call.account, path, found, call.params)

    return listed


def _search(path: str, prefix: str) -> Action:
    def searched(call: Call) -> Object:
        found = [one for one in call.account.all(prefix) if not one.get("deleted")]
        return listing.search(call.account, path, found, call.params)

    return searched


def _subscriptions(call: Call) -> Object:
    found = subscriptions.listed(call.account, call.params)
    return listing.page(call.account, "/v1/subscriptions", found, call.params)


def _checkout(call: Call) -> Object:
    return shown(call.account, sessions.create_checkout(call.account, call.params, call.url), [])


def _portal(call: Call) -> Object:
    return shown(call.account, sessions.create_portal(call.account, call.params, call.url), [])


def _route(method: str, path: str, action: Action) -> tuple[str, re.Pattern[str], Action]:
    return method, re.compile(path.replace("{id}", r"(?P<id>[^/]+)")), action


_CONFIGURATIONS = "/v1/billing_portal/configurations"
_ROUTES = [
    _route("POST", "/v1/customers", _made(resources.create_customer)),
    _route("GET", "/v1/customers", _list("/v1/customers", "cus", "email")),
    _route("GET", "/v1/customers/search", _search("/v1/customers/search", "cus")),
    _route("GET", "/v1/customers/{id}", _one("cus")),
    _route("POST", "/v1/customers/{id}", _changed("cus", resources.update)),
    _route("DELETE", "/v1/customers/{id}", _changed("cus", lambda a, c, p: resources.delete_customer(a, c))),
    _route("POST", "/v1/products", _made(resources.create_product)),
    _route("GET", "/v1/products", _list("/v1/products", "prod", "active")),
    _route("GET", "/v1/products/{id}", _one("prod")),
    _route("POST", "/v1/products/{id}", _changed("prod", resources.update)),
    _route("POST", "/v1/prices", _made(resources.create_price)),
    _route("GET", "/v1/prices", _list("/v1/prices", "price", "active", "product", "currency", "type")),
    _route("GET", "/v1/prices/{id}", _one("price")),
    _route("POST", "/v1/prices/{id}", _changed("price", resources.update)),
    _route("POST", _CONFIGURATIONS, _made(resources.create_configuration)),
    _route("GET", _CONFIGURATIONS, _list(_CONFIGURATIONS, "bpc", "is_default", "active")),
    _route("GET", f"{_CONFIGURATIONS}/{{id}}", _one("bpc")),
    _route("POST", f"{_CONFIGURATIONS}/{{id}}", _changed("bpc", resources.update_configuration)),
    _route("POST", "/v1/billing_portal/sessions", _portal),
    _route("POST", "/v1/checkout/sessions", _checkout),
    _route("GET", "/v1/checkout/sessions/{id}", _one("cs")),
    _route("POST", "/v1/subscriptions", _made(subscriptions.create)),
    _route("GET", "/v1/subscriptions", _subscriptions),
    _route("GET", "/v1/subscriptions/{id}", _one("sub")),
    _route("POST", "/v1/subscriptions/{id}", _changed("sub", subscriptions.update)),
    _route("DELETE", "/v1/subscriptions/{id}", _changed("sub", lambda a, s, p: subscriptions.end(a, s))),
    _route("GET", "/v1/events", _list("/v1/events", "evt", "type")),
    _route("GET", "/v1/events/{id}", _one("evt")),
    _route("POST", "/v1/webhook_endpoints", webhooks.create_endpoint),
    _route("GET", "/v1/webhook_endpoints", _list("/v1/webhook_endpoints", "we")),
]
