"""Asking a breach service whether a password has leaked, without telling it the password (k-anonymity): it
gets five digits of the SHA-1 hash, and answers with the rest of every leaked hash that begins so."""

from __future__ import annotations

import hashlib
import logging

from greffier.server.outgoing import Unreachable, request

log = logging.getLogger("greffier.passwords")

TIMEOUT = 2.0
"""Seconds; a user is waiting for the sign-up."""


async def has_leaked(range_url: str, password: str) -> bool:
    """Whether the service knows the password. Without an answer of the service, the password is accepted.

    Args:
        range_url: what the five digits are appended to, such as `https://breaches.example/range/`.
    """
    # The protocol of these services is defined on SHA-1; nothing is stored or signed with it.
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        answer = await request(
            "GET", range_url + digest[:5], headers={"add-padding": "true"}, seconds=TIMEOUT
        )
        if answer.status != 200:
            raise Unreachable(f"status {answer.status}")
    except Unreachable as error:
        log.warning("The breach service did not answer (%s); passwords are accepted without it.", error)
        return False
    lines = answer.body.decode("ascii", "replace").upper().splitlines()
    return any(
        suffix == digest[5:] and count.strip() != "0"  # padding has no count
        for suffix, _, count in (line.partition(":") for line in lines)
    )
