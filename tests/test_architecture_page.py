"""The architecture page names files and functions that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "src" / "greffier" / "server"
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text("utf-8")

_STEPS = sorted(set(re.findall(r"\| `([\w/]+\.py)` `(\w+)` \|", PAGE)))
_PATHS = sorted(set(re.findall(r"`((?:src/|tests/)?\w+/[\w/]*(?:\.py)?)`", PAGE)))


def names_in(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def test_both_requests_are_followed_step_by_step() -> None:
    assert len(_STEPS) >= 12


@pytest.mark.parametrize(("path", "name"), _STEPS)
def test_step_of_a_request_is_in_the_code(path: str, name: str) -> None:
    assert name in names_in(SERVER / path)


@pytest.mark.parametrize("path", _PATHS)
def test_path_on_the_page_exists(path: str) -> None:
    assert any((folder / path).exists() for folder in (ROOT, SERVER, ROOT / "src/greffier/sdk")), path
