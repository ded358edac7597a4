"""The decision of a middleware and a route together: the rules of `greffier.sdk.protection.guard`.

A request passes all middlewares around a route and the route itself, so the strictest of them is its gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection import gate as sdk_gate
from greffier.testing.routes.endpoints import ANY_METHOD, WEBSOCKET, Endpoint, Layer
from greffier.testing.routes.report import (
    FRONTEND_API,
    GATES,
    HOLDS_DOT,
    IGNORED,
    PAGE_FILE,
    PROTECTED,
    PUBLIC,
    ROUTE,
    UNDECIDED,
    RouteFinding,
)

#: A host of the app: functions among the routes may look at it.
_ORIGIN = "http://testserver"
#: The methods that stand for what is shown as one.
_SENT = {ANY_METHOD: ("GET", "POST"), WEBSOCKET: ("GET",)}


def decide(endpoint: Endpoint) -> Iterator[RouteFinding]:
    """The findings about a route; several where its methods have different gates."""
    if not endpoint.readable:
        yield _unreadable(endpoint)
        return
    by_gate: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for method in endpoint.methods:
        by_gate.setdefault(_gate_and_notes(endpoint, method), []).append(method)
    for (gate, notes), methods in by_gate.items():
        holds_dot = gate in (PROTECTED, ROUTE) and endpoint.may_hold_a_dot
        shown = (*notes, HOLDS_DOT) if holds_dot else notes
        yield RouteFinding(endpoint.path, tuple(methods), gate, endpoint.checked, holds_dot, shown)


def _unreadable(endpoint: Endpoint) -> RouteFinding:
    gate = ROUTE if endpoint.checked else UNDECIDED
    note = "the paths of this kind of route are not known"
    return RouteFinding(endpoint.path, endpoint.methods, gate, endpoint.checked, False, (note,))


def _gate_and_notes(endpoint: Endpoint, method: str) -> tuple[str, tuple[str, ...]]:
    gates = _gates(endpoint, method, endpoint.examples())
    weakest, notes = gates[0], [f"other requests: {gate}" for gate in gates[1:]]
    if weakest in (PROTECTED, ROUTE):
        with_dot = _gates(endpoint, method, endpoint.examples_with_a_dot())
        if with_dot and with_dot[0] == UNDECIDED:
            weakest = UNDECIDED
            notes.append("the middleware skips it for paths with a dot")
        notes += [f"{gate} for paths with a dot" for gate in with_dot if gate in (PAGE_FILE, IGNORED, PUBLIC)]
    return weakest, tuple(notes)


def _gates(endpoint: Endpoint, method: str, paths: Iterable[str]) -> list[str]:
    """All gates that there are for requests with this method, the weakest first."""
    sent = _SENT.get(method, (method,))
    return _sorted({_gate(endpoint, one, path) for one in sent for path in paths})


def _gate(endpoint: Endpoint, method: str, path: str) -> str:
    gates = [_gate_of_layer(layer, method, path, static=endpoint.static) for layer in endpoint.layers]
    if endpoint.checked:
        gates.append(ROUTE)
    return _sorted(gates)[-1] if gates else UNDECIDED


def _gate_of_layer(layer: Layer, method: str, path: str, *, static: bool) -> str:
    request = AuthRequest.from_url(method, _ORIGIN + quote(path))
    seen = _below(layer.mounted_at, path)
    gate = layer.gate
    if gate.is_for_frontend_api(request, seen):
        return FRONTEND_API
    left_out = gate.skip_reason(request, seen)
    if left_out == sdk_gate.IGNORED:
        return IGNORED
    if gate.is_public(request, seen):
        return PUBLIC
    if left_out is None and gate.skip_reason(request, seen, is_static=lambda: static):
        return PAGE_FILE
    return UNDECIDED if left_out is not None or layer.lazy else PROTECTED


def _below(mounted_at: str, path: str) -> str:
    """The path as an app sees it that is mounted at a prefix, which may have parameters in it."""
    return "/" + "/".join(path.split("/")[mounted_at.count("/") + 1 :])


def _sorted(gates: Iterable[str]) -> list[str]:
    return sorted(gates, key=GATES.index)
