"""Secrets that are encrypted at rest."""

from __future__ import annotations

import pytest

from greffier.server.crypto.encryption import Encryption, Undecryptable

OLD, NEW = b"o" * 32, b"n" * 32


def test_secret_is_read_back_and_looks_different_each_time() -> None:
    encryption = Encryption([NEW])

    sealed = [encryption.seal("JBSWY3DP", bound_to="ada") for _ in range(2)]

    assert [encryption.unseal(one, bound_to="ada") for one in sealed] == ["JBSWY3DP"] * 2
    assert sealed[0] != sealed[1]


def test_new_key_before_the_old_one_still_reads_what_the_old_one_encrypted() -> None:
    sealed = Encryption([OLD]).seal("JBSWY3DP", bound_to="ada")

    rotated = Encryption([NEW, OLD])

    assert rotated.unseal(sealed, bound_to="ada") == "JBSWY3DP"
    again = rotated.seal("JBSWY3DP", bound_to="ada")
    assert Encryption([NEW]).unseal(again, bound_to="ada") == "JBSWY3DP"


def test_secret_of_another_owner_is_not_read() -> None:
    sealed = Encryption([NEW]).seal("JBSWY3DP", bound_to="ada")

    with pytest.raises(Undecryptable):
        Encryption([NEW]).unseal(sealed, bound_to="eve")


def test_key_that_is_not_given_reads_nothing() -> None:
    sealed = Encryption([OLD]).seal("JBSWY3DP", bound_to="ada")

    with pytest.raises(Undecryptable):
        Encryption([NEW]).unseal(sealed, bound_to="ada")


def test_secret_that_was_changed_is_not_read() -> None:
    sealed = Encryption([NEW]).seal("JBSWY3DP", bound_to="ada")
    changed = sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB=")

    with pytest.raises(Undecryptable):
        Encryption([NEW]).unseal(changed, bound_to="ada")


def test_without_a_key_secrets_stay_as_they_are() -> None:
    assert Encryption().seal("JBSWY3DP", bound_to="ada") == "JBSWY3DP"
    assert Encryption().unseal("JBSWY3DP", bound_to="ada") == "JBSWY3DP"


def test_secret_from_before_there_was_a_key_is_read() -> None:
    assert Encryption([NEW]).unseal("JBSWY3DP", bound_to="ada") == "JBSWY3DP"


def test_message_about_a_missing_key_names_it_and_reveals_nothing() -> None:
    sealed = Encryption([OLD]).seal("JBSWY3DP", bound_to="ada")

    with pytest.raises(Undecryptable) as raised:
        Encryption().unseal(sealed, bound_to="ada")

    assert raised.value.key_id == Encryption([OLD]).current
    assert OLD.decode() not in str(raised.value) + repr(raised.value)
    assert sealed.partition(".")[2] not in str(raised.value)
