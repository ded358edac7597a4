"""Asks the CAPTCHA provider whether a token is good, by the protocol of Turnstile's `siteverify`
(https://developers.cloudflare.com/turnstile/get-started/server-side-validation/)."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import msgspec

from greffier.server.outgoing import Unreachable, post

log = logging.getLogger(__name__)

_SECONDS = 5.0
_LONGEST_TOKEN = 2048
_ABOUT_US = ("missing-input-secret", "invalid-input-secret", "internal-error")
"""Error codes that say nothing about the token."""


class CaptchaUnavailable(Exception):
    """The provider gave no verdict."""


class _Verdict(msgspec.Struct, kw_only=True):
    success: bool
    error_codes: tuple[str, ...] = msgspec.field(name="error-codes", default=())


async def is_solved(url: str, secret_key: str, token: str) -> bool:
    """Whether the token is good. The provider accepts each one once, for five minutes.

    Raises:
        CaptchaUnavailable: the provider does not answer, or refuses this server; the log has the reason.
    """
    if len(token) > _LONGEST_TOKEN:
        return False
    form = urlencode({"secret": secret_key, "response": token}).encode()
    try:
        answer = await post(
            url, form, {"content-type": "application/x-www-form-urlencoded"}, seconds=_SECONDS
        )
        verdict = msgspec.json.decode(answer.body, type=_Verdict)
    except Unreachable as error:
        raise _unavailable(f"no answer: {error}") from None
    except msgspec.DecodeError:
        raise _unavailable("the answer is no verdict") from None
    if about_us := [code for code in verdict.error_codes if code in _ABOUT_US]:
        raise _unavailable(", ".join(about_us))
    return verdict.success


def _unavailable(reason: str) -> CaptchaUnavailable:
    log.error("the CAPTCHA provider gave no verdict (%s); sign-ups are refused", reason)
    return CaptchaUnavailable(reason)
