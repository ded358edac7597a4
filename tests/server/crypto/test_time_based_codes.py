"""Codes of authenticator apps."""

from __future__ import annotations

import base64

import pytest

from greffier.server.crypto.time_based_codes import matching_step, new_totp_secret, read_totp_secret

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_vectors_of_the_rfc_are_accepted(seconds: int, code: str) -> None:
    """RFC 6238 appendix B, the last six digits."""
    assert matching_step(RFC_SECRET, code, now=seconds * 1000, after=None) == seconds // 30


def test_step_that_was_used_is_not_accepted_again() -> None:
    assert matching_step(RFC_SECRET, "287082", now=59_000, after=0) == 1
    assert matching_step(RFC_SECRET, "287082", now=59_000, after=1) is None


@pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (89, True), (90, False)])
def test_one_step_to_either_side_is_accepted(seconds: int, accepted: bool) -> None:
    found = matching_step(RFC_SECRET, "287082", now=seconds * 1000, after=None)

    assert (found is not None) is accepted


def test_new_secrets_have_160_bits() -> None:
    assert len(base64.b32decode(new_totp_secret())) == 20


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("jbsw y3dp ehpk 3pxp", "JBSWY3DPEHPK3PXP"),
        ("JBSWY3DPEHPK3PXPJA======", "JBSWY3DPEHPK3PXPJA"),
        ("JBSWY3DP", None),
        ("JBSWY3DPEHPK3PXP1", None),
        ("A" * 200, None),
        ("", None),
    ],
)
def test_secrets_made_elsewhere_are_base32_of_a_sensible_length(text: str, secret: str | None) -> None:
    assert read_totp_secret(text) == secret
