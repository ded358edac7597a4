"""A verification proves the one identifier that it was sent to."""

from __future__ import annotations

import msgspec
import pytest

from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.tables import VerificationRow

CODE = VerificationRow(
    id="ver_1",
    instance_id="ins_1",
    strategy="pager_code",
    status="verified",
    attempts=1,
    code_hash="hash",
    expire_at=9,
    verified_at_client=None,
    subject_id=None,
    created_at=1,
    updated_at=1,
    sent_to="5550100",
    kind="pager",
)


def test_code_proves_what_it_was_sent_to_however_it_was_written() -> None:
    assert CODE.proves(Identifier("pager", "555-0100", "5550100"))


@pytest.mark.parametrize(
    "other", [Identifier("phone_number", "5550100", "5550100"), Identifier("pager", "5550101", "5550101")]
)
def test_code_proves_no_other_text_and_no_other_kind(other: Identifier) -> None:
    assert not CODE.proves(other)


def test_word_of_an_administrator_is_about_the_object_that_refers_to_it() -> None:
    word = msgspec.structs.replace(CODE, strategy="admin", sent_to=None, kind=None)

    assert word.proves(Identifier("pager", "555-0100", "5550100"))
