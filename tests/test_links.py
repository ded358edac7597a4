"""Links between the pages of this repository, and the paths of pages that code and tests name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    file
    for pages in ("*.md", "docs/**/*.md", "examples/*/*.md", "changelog.d/*.md", "js/*/*/*.md")
    for file in ROOT.glob(pages)
    if "node_modules" not in file.parts
)
#: The suffix keeps fixtures of other kinds, which may name pages of other projects, out of the search.
NAMING = [
    *PAGES,
    *(
        file
        for folder in ("src", "tests", "scripts", "examples", "benchmarks")
        for file in ROOT.glob(f"{folder}/**/*.py")
    ),
]

_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_NAMED = re.compile(r"(?<![\w/.-])docs/[\w/-]+\.md\b")


def anchors(page: str) -> set[str]:
    """The names that hosting pages give to the headings of a page."""
    found: set[str] = set()
    for heading in _HEADING.findall(_blank_fences(page)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.add(next(name for name in _numbered(slug) if name not in found))
    return found


def broken_links(file: Path, page: str) -> list[str]:
    """The relative links of a page whose file or heading is missing."""
    return [link for link in _LINK.findall(_CODE.sub("", page)) if not _resolves(file, link)]


def _resolves(file: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    if re.match(r"[a-z][a-z0-9+.-]*:", path):
        return True
    target = file.parent / path if path else file
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target.read_text("utf-8")))


def _blank_fences(page: str) -> str:
    return re.sub(r"^(```|~~~).*?^\1", "", page, flags=re.DOTALL | re.MULTILINE)


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    for number in range(1, 100):
        yield f"{slug}-{number}"


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(file: Path) -> None:
    assert broken_links(file, file.read_text("utf-8")) == []


def test_pages_that_code_and_tests_name_exist() -> None:
    named = {(name, file) for file in NAMING for name in _NAMED.findall(file.read_text("utf-8"))}

    assert len(named) > 20
    assert [(name, str(file.relative_to(ROOT))) for name, file in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    "index", [DOCS / "README.md", DOCS / "decisions" / "README.md"], ids=["docs", "decisions"]
)
def test_index_lists_every_page(index: Path) -> None:
    listed = {
        (index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(index.read_text("utf-8"))
    }
    pages = {page for page in index.parent.rglob("*.md") if page != index}
    if index.parent == DOCS:
        pages = {page for page in pages if page.parent.name != "decisions"}

    assert sorted(os.path.relpath(page, index.parent) for page in pages - listed) == []


def test_missing_file_and_missing_heading_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A `name`, twice\n# A name twice\n```\n# no heading\n```\n", "utf-8")
    links = [
        "b.md",
        "b.md#a-name-twice",
        "b.md#a-name-twice-1",
        "b.md#no-heading",
        "c.md",
        "#here",
        "https://a.example/c.md",
    ]
    page = "# Here\n" + "\n".join(f"[x]({link})" for link in links) + "\n`[x](d.md)`\n"
    (tmp_path / "a.md").write_text(page, "utf-8")

    assert broken_links(tmp_path / "a.md", page) == ["b.md#no-heading", "c.md"]
