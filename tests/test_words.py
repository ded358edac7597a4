"""The words of the source: docstrings open with what a thing does or is; people have the field's nouns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"

QUESTION = re.compile(r"(Who|Whom|Whose|Whoever|Which|Whichever|What|Whatever|How|When|Where|Why)\b")

PRONOUN = re.compile(r"\b(nobody|somebody|anybody|everybody|whoever)\b", re.IGNORECASE)


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring: of modules, classes, functions and names."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text), lineno=line):
                yield line, text.strip()
            case _:
                pass


def test_no_docstring_opens_with_a_question() -> None:
    assert [
        f"{path.relative_to(SOURCE)}:{line}: {text.partition(chr(10))[0]}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, text in docstrings(path.read_text())
        if QUESTION.match(text)
    ] == []


def test_users_callers_and_attackers_are_called_so() -> None:
    assert [
        f"{path.relative_to(SOURCE)}:{number}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if PRONOUN.search(line)
    ] == []
