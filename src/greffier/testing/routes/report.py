"""The findings of the lint."""

from __future__ import annotations

from dataclasses import dataclass

#: Gates, the weakest first.
UNDECIDED = "UNDECIDED"
PAGE_FILE = "page file"
IGNORED = "ignored"
FRONTEND_API = "Frontend API"
PUBLIC = "public"
ROUTE = "route"
PROTECTED = "protected"
GATES = (UNDECIDED, PAGE_FILE, IGNORED, FRONTEND_API, PUBLIC, ROUTE, PROTECTED)

HOLDS_DOT = "a parameter may hold a dot"


@dataclass(frozen=True, slots=True)
class RouteFinding:
    """One route, and what guards it.

    `gate` is one of

    - `protected`: the middleware refuses signed-out requests;
    - `route`: it is open for the middleware, and the route itself refuses;
    - `public`, `ignored`: it is listed as such;
    - `page file`: a script, style, font or icon in a folder that is mounted as static files;
    - `Frontend API`: passed on below `proxy_url`;
    - `UNDECIDED`: it is neither protected nor listed as public.

    `checked`: the route itself refuses, whatever the middleware does. `holds_dot`: it is protected, and a
    visitor can put a dot into the path, which makes it a static file to rules such as `has_dot`.
    """

    path: str
    methods: tuple[str, ...]
    gate: str
    checked: bool
    holds_dot: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Every route of an app. As text it is a table."""

    findings: tuple[RouteFinding, ...]

    @property
    def undecided(self) -> tuple[RouteFinding, ...]:
        """Routes that are neither protected nor listed."""
        return tuple(one for one in self.findings if one.gate == UNDECIDED)

    @property
    def with_dots(self) -> tuple[RouteFinding, ...]:
        """Protected routes in whose path a visitor can put a dot."""
        return tuple(one for one in self.findings if one.holds_dot)

    def gate_of(self, path: str, method: str | None = None) -> str:
        """The gate of a route by its path as it is declared. Raises `LookupError` when there is none."""
        for one in self.findings:
            if one.path == path and (method is None or method in one.methods):
                return one.gate
        raise LookupError(f"no route is {method or ''} {path}")

    def __str__(self) -> str:
        return as_table(self.findings)


def as_table(findings: tuple[RouteFinding, ...]) -> str:
    """One line for each route."""
    rows = [("gate", "own check", "methods", "path", "")]
    for one in findings:
        notes = "; ".join(one.notes)
        rows.append((one.gate, "yes" if one.checked else "", " ".join(one.methods), one.path, notes))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    )
