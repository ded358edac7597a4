"""Every item of the requirements that is claimed here has a test whose name begins with its id.

The list is read from `spec/REQUIREMENTS.md` of the shared folder and is not part of this repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.contract.published import shared_directory

TESTS = Path(__file__).parents[1]
REQUIREMENTS = shared_directory() / "spec" / "REQUIREMENTS.md"
CLAIMED = re.compile(r"S(?:1|2|3|4|5|6|8|9|10|11)\.\d+")

_ITEM = re.compile(r"^\| (S\d+\.\d+) \|", re.MULTILINE)
_TEST = re.compile(r"^ *(?:async )?def test_s(\d+)_(\d+)_\w", re.MULTILINE)


def required_items(text: str) -> set[str]:
    """The ids at the beginning of the rows of the requirements' tables."""
    return set(_ITEM.findall(text))


def items_with_tests(sources: Iterable[str]) -> set[str]:
    """The ids with which names of tests begin."""
    return {f"S{section}.{item}" for source in sources for section, item in _TEST.findall(source)}


def sources() -> list[str]:
    rooms = [folder for folder in TESTS.iterdir() if folder.is_dir() and folder.name != "sdk_node"]
    return [file.read_text() for room in rooms for file in room.rglob("test_*.py")]


@pytest.fixture(scope="module")
def required() -> set[str]:
    if not REQUIREMENTS.is_file():
        print(f"\nNOT RUN: {REQUIREMENTS} is missing; set GREFFIER_SHARED_DIR to the folder that holds spec/")
        pytest.skip(f"{REQUIREMENTS} is missing (GREFFIER_SHARED_DIR)")
    return required_items(REQUIREMENTS.read_text())


def test_every_claimed_requirement_has_a_test_of_its_name(required: set[str]) -> None:
    claimed = {item for item in required if CLAIMED.fullmatch(item)}

    assert len(claimed) == 93
    assert sorted(claimed - items_with_tests(sources())) == []


def test_no_test_is_named_after_a_requirement_that_does_not_exist(required: set[str]) -> None:
    assert sorted(items_with_tests(sources()) - required) == []


def test_an_item_counts_as_tested_by_the_beginning_of_a_name_alone() -> None:
    text = "| S2.1 | a |\n| S2.10 | b |\nS2.3 in a sentence, | S2.4 | in the middle\n"
    source = "async def test_s2_1_a():\n    def test_s2_10_b(self):\ndef test_x_s2_3_c():\n"

    assert required_items(text) == {"S2.1", "S2.10"}
    assert items_with_tests([source]) == {"S2.1", "S2.10"}
