"""The words of this repository: docstrings say what a thing does or is; people have the field's nouns."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

FOLDERS = ("src", "tests", "benchmarks", "scripts", "examples", "docs", "changelog.d", "js")

TEXTS = frozenset(
    {".py", ".md", ".html", ".txt", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".css", ".toml", ".sh"}
)

NOT_OURS = frozenset({"node_modules", "__pycache__", ".next", "build", "dist"})

QUESTION = re.compile(r"(Who|Whom|Whose|Whoever|Which|Whichever|What|Whatever|How|When|Where|Why)\b")

PRONOUN = re.compile(r"(?<![a-z])(nobody|somebody|anybody|everybody|whoever)s?(?![a-z])", re.IGNORECASE)
"""Names of functions count as well: `_` ends a word."""

STAYS = {
    "tests/support/services/databases.py": "the unprivileged account of Unix systems is called so",
    "tests/test_words.py": "it names the words",
}
"""Files that keep such a word, with the reason."""


def written() -> Iterator[Path]:
    """Every text of this repository, without what tools have put beside them."""
    yield from sorted(ROOT.glob("*.md"))
    for start in FOLDERS:
        for folder, inner, names in os.walk(ROOT / start):
            inner[:] = sorted(set(inner) - NOT_OURS)
            yield from (Path(folder, name) for name in sorted(names) if Path(name).suffix in TEXTS)


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
        f"{path.relative_to(ROOT)}:{line}: {text.partition(chr(10))[0]}"
        for path in written()
        if path.suffix == ".py"
        for line, text in docstrings(path.read_text())
        if QUESTION.match(text)
    ] == []


def test_users_callers_and_attackers_are_called_so() -> None:
    assert {
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in written()
        if str(path.relative_to(ROOT)) not in STAYS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if PRONOUN.search(line)
    } == set()


def test_no_reason_is_left_for_a_file_without_such_words() -> None:
    assert [name for name in STAYS if not PRONOUN.search((ROOT / name).read_text())] == []
