"""Secrets that are encrypted at rest."""

from __future__ import annotations

import pytest

from greffier.server.crypto.encryption import Encryption, Undecryptable

OLD, NEW = b"o" * 32, b"n" * 32


def test_secret_is_read_back_and_looks_different_each_time() -> None:
    encryption = Encryption([NEW])

    sealed = [encryption.encrypt("JBSWY3DP", bound_to="ada") for _ in range(2)]

    assert [encryption.decrypt(one, bound_to="ada") for one in sealed] == ["JBSWY3DP"] * 2
    assert sealed[0] != sealed[1]


def test_new_key_before_the_old_one_still_reads_what_the_old_one_encrypted() -> None:
    sealed = Encryption([OLD]).encrypt("JBSWY3DP", bound_to="ada")

    rotated = Encryption([NEW, OLD])

    assert rotated.decrypt(sealed, bound_to="ada") == "JBSWY3DP"
    again = rotated.encrypt("JBSWY3DP", bound_to="ada")
    assert Encryption([NEW]).decrypt(again, bound_to="ada") == "JBSWY3DP"


def test_secret_of_another_owner_is_not_read() -> None:
    sealed = Encryption([NEW]).encrypt("JBSWY3DP", bound_to="ada")

    with pytest.raises(Undecryptable):
        Encryption([NEW]).decrypt(sealed, bound_to="eve")


def test_key_that_is_not_given_reads_nothing() -> None:
    sealed = Encryption([OLD]).encrypt("JBSWY3DP", bound_to="ada")

    with pytest.raises(Undecryptable):
        Encryption([NEW]).decrypt(sealed, bound_to="ada")
