"""Every code that the server can emit is a published one with its status, or has a reason."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.contract.own_error_codes import OTHER_STATUSES, OWN_CODES
from tests.support.contract.published import shared_directory

SERVER = Path(import_module("greffier.server").__file__ or "").parent
# Makers of errors: which argument is the status (None: an entry, which is told with 422) and which the code.
MAKERS: dict[str, tuple[int | None, int]] = {
    "api_error": (0, 1),
    "form_item": (None, 0),
    "ErrorItem": (None, 0),
}
# Makers whose code is given by who calls them: its argument, and the status.
PASSED_ON: dict[str, tuple[int, int]] = {
    "refresh_refused": (0, 401),
    "oauth_registration_refused": (0, 400),
    "bad_request": (1, 400),
}
BUILT = {
    "invitation_already_accepted": 400,
    "invitation_already_revoked": 400,
    "invitation_already_expired": 400,
    "form_username_invalid_length": 422,
    "form_username_invalid_character": 422,
    "form_username_needs_non_number_char": 422,
    "identification_create_second_factor_unverified": 400,
    "identification_update_second_factor_unverified": 400,
}
"""Codes that are put together or looked up where they are made."""
MAKE_THEM = {"form_username_", "_NOT_PENDING[status]", "_UNVERIFIED[action]"}


def published() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    with (shared_directory() / "openapi" / "error_codes.tsv").open(encoding="utf-8", newline="") as file:
        for code, status, _ in list(csv.reader(file, delimiter="\t"))[1:]:
            found.setdefault(code, set()).update([int(status)] if status else [])
    return found


def calls() -> Iterator[ast.Call]:
    for path in sorted(SERVER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def emitted() -> set[tuple[str, int | None]]:
    """Codes with their statuses; `None` where the caller decides."""
    found: set[tuple[str, int | None]] = set(BUILT.items())
    for call in calls():
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in MAKERS:
            at_status, at_code = MAKERS[name]
            code = call.args[at_code]
            status = 422 if at_status is None else getattr(call.args[at_status], "value", None)
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add((code.value, status))
        elif name in PASSED_ON:
            at_code, status = PASSED_ON[name]
            if len(call.args) > at_code and isinstance(code := call.args[at_code], ast.Constant):
                found.add((str(code.value), status))
    return found


def unread() -> set[str]:
    """Codes of makers that this test cannot read, because they are no literals."""
    texts: set[str] = set()
    for call in calls():
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in MAKERS and not isinstance(code := call.args[MAKERS[name][1]], ast.Constant):
            texts.add(ast.unparse(code))
    return texts


def test_every_code_is_published_or_has_a_reason() -> None:
    unknown = {code for code, _ in emitted()} - published().keys() - OWN_CODES.keys()

    assert unknown == set(), "look for a published code that says the same, or add a row with the reason"


def test_every_status_is_the_published_one_or_has_a_reason() -> None:
    catalogue = published()
    wrong = {
        (code, status)
        for code, status in emitted()
        if status is not None
        and code in catalogue
        and status not in catalogue[code]
        and (code, status) not in OTHER_STATUSES
    }

    assert wrong == set()


def test_table_of_own_codes_has_no_unused_row() -> None:
    codes = {code for code, _ in emitted()}

    assert OWN_CODES.keys() - codes == set()
    assert OWN_CODES.keys() & published().keys() == set()
    assert OTHER_STATUSES.keys() - emitted() == set()


def test_no_code_escapes_this_comparison() -> None:
    passed_on = {"code", "item.code"}

    assert {text for text in unread() - passed_on if not any(made in text for made in MAKE_THEM)} == set()


@pytest.mark.parametrize("code", sorted(BUILT))
def test_code_that_is_put_together_can_be_found_in_the_source(code: str) -> None:
    parts = (code, code.removeprefix("form_username_"))

    assert any(part in path.read_text("utf-8") for part in parts for path in SERVER.rglob("*.py"))
