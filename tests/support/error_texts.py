"""The texts that modules raise, log and print, to compare them with the page that explains them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path


def text_of(node: ast.expr) -> str | None:
    """A text with `{}` for what is not known beforehand; None for what is none, or only a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value.strip() else None
    if isinstance(node, ast.JoinedStr):
        parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
        return "".join(parts) if " " in "".join(parts) else None
    return None


def texts_of_calls(
    paths: Iterable[Path], callees: Collection[str], *, at_most: int | None = None
) -> Iterator[str]:
    """The texts among the first `at_most` arguments of calls of functions and classes with these names."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found = [text_of(one) for one in node.args] if name in callees else []
                yield from (one for one in found[:at_most] if one)


def texts_of_names(paths: Iterable[Path], names: Collection[str]) -> Iterator[str]:
    """The texts that are assigned to variables of these names, alone or as values of a dictionary."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
                values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                yield from (text for text in map(text_of, values) if text)
