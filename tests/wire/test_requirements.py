"""Every requirement has a row in docs/requirements.md, and the tests in its row exist.

The ids are read from `spec/REQUIREMENTS.md` of the shared folder, which is not part of this repository.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.contract.published import shared_directory

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "requirements.md"
REQUIREMENTS = shared_directory() / "spec" / "REQUIREMENTS.md"
PROVEN = re.compile(r"S(?:1|2|3|4|5|6|8|9|10|11)\.\d+")
"""Sections that are built: each of their requirements needs a test."""

_ITEM = re.compile(r"^\| (S\d+\.\d+) \|", re.MULTILINE)
_ROW = re.compile(r"^\| (S\d+\.\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
_PROOF = re.compile(r"`((?:tests|benchmarks|js)/[^`]+)`")
_VITEST = re.compile(r"^ *test(?:\.each\([^;]*?\))?\(\s*(['\"`])(.+?)\1,", re.MULTILINE)
_TEXTS = {".py", ".md", ".mjs", ".cjs", ".ts", ".tsx", ".html", ".txt", ".sh", ".toml"}
_ID = re.compile(r"\bS(?:1[0-3]|[1-9])\.\d{1,2}\b|\btest_s\d+_")


def required_items(text: str) -> list[str]:
    """The ids at the beginning of the rows of the requirements' tables."""
    return _ITEM.findall(text)


def proofs(text: str) -> dict[str, list[str]]:
    """The tests and benchmarks that each row of the table names."""
    return {item: _PROOF.findall(cell) for item, cell in _ROW.findall(text)}


def exists(proof: str, root: Path = ROOT) -> bool:
    """Whether `path::name` is a test function, or `path` a file with tests or a benchmark."""
    path, *names = proof.split("::")
    if not (root / path).is_file():
        return False
    tests = _names_of_tests(root / path)
    return "::".join(names) in tests if names else bool(tests) or path.startswith("benchmarks/")


@cache
def _names_of_tests(file: Path) -> frozenset[str]:
    """The names of a file's tests, read without running it."""
    if file.suffix in {".ts", ".tsx"}:
        return frozenset(name for _, name in _VITEST.findall(file.read_text("utf-8")))
    return frozenset(_test_names(ast.parse(file.read_text("utf-8")).body))


def _test_names(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _test_names(node.body, f"{within}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield within + node.name


def texts_of_the_repository() -> Iterator[tuple[str, str]]:
    """Path and text of each file that this project writes."""
    folders = ("src", "tests", "docs", "examples", "benchmarks", "scripts", "changelog.d", "js")
    files = [*ROOT.glob("*.*"), *(file for folder in folders for file in (ROOT / folder).rglob("*.*"))]
    for file in files:
        if file.suffix in _TEXTS and file.is_file() and "node_modules" not in file.parts:
            yield str(file.relative_to(ROOT)), file.read_text("utf-8")


@pytest.fixture(scope="module")
def required() -> list[str]:
    if not REQUIREMENTS.is_file():
        print(f"\nNOT RUN: {REQUIREMENTS} is missing; set GREFFIER_SHARED_DIR to the folder that holds spec/")
        pytest.skip(f"{REQUIREMENTS} is missing (GREFFIER_SHARED_DIR)")
    return required_items(REQUIREMENTS.read_text("utf-8"))


@pytest.fixture(scope="module")
def table() -> dict[str, list[str]]:
    return proofs(TABLE.read_text("utf-8"))


def test_every_requirement_has_one_row(required: list[str]) -> None:
    assert required_items(TABLE.read_text("utf-8")) == required


def test_every_requirement_of_a_built_section_names_a_test(table: dict[str, list[str]]) -> None:
    built = {item: named for item, named in table.items() if PROVEN.fullmatch(item)}

    assert len(built) == 93
    assert [
        item for item, named in built.items() if not any(one.startswith(("tests/", "js/")) for one in named)
    ] == []


def test_every_test_that_the_table_names_exists() -> None:
    named = _PROOF.findall(TABLE.read_text("utf-8"))

    assert len(named) > 200
    assert [proof for proof in named if not exists(proof)] == []


def test_ids_of_requirements_stand_in_the_table_alone() -> None:
    own = {str(file.relative_to(ROOT)) for file in (TABLE, Path(__file__))}
    elsewhere = [(name, _ID.findall(text)) for name, text in texts_of_the_repository() if name not in own]

    assert len(elsewhere) > 1000
    assert [(name, found) for name, found in elsewhere if found] == []


def test_only_test_functions_count_as_proofs(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    source = "def test_a(): ...\nclass TestB:\n    async def test_c(self): ...\ndef helper(): ...\n"
    (tmp_path / "tests" / "test_x.py").write_text(source, "utf-8")
    (tmp_path / "tests" / "empty.py").write_text("", "utf-8")
    named = ["test_x.py", "test_x.py::test_a", "test_x.py::TestB::test_c", "test_x.py::test_c"]
    named += ["test_x.py::helper", "empty.py", "test_y.py::test_a"]

    found = [name for name in named if exists(f"tests/{name}", tmp_path)]

    assert found == named[:3]
    row = (
        "| S2.1 | a text | `tests/test_x.py::test_a`<br>`benchmarks/b.py` |\n| S2.10 | `code` | none yet |\n"
    )
    assert proofs(row) == {"S2.1": ["tests/test_x.py::test_a", "benchmarks/b.py"], "S2.10": []}
