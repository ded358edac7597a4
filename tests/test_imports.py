"""Modules import one another in one direction, type-only and lazy imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


def modules() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in (SOURCE / "greffier").rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Modules, and names that may be modules in them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def test_no_module_is_imported_by_what_it_imports() -> None:
    known = modules()
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        wanted = (
            f"{module}.{part}" if f"{module}.{part}" in known else module for module, part in imports(path)
        )
        graph[name] = {module for module in wanted if module in known and module != name}
    assert len(graph) > 400

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
