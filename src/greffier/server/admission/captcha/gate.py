"""Refuses sign-ups without a solved CAPTCHA, where the instance asks for one."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.captcha.requests import CaptchaEvidence
from greffier.server.admission.captcha.siteverify import CaptchaUnavailable, is_solved
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.instance.feature_settings import CaptchaRules

_RETRY_AFTER = 5
"""Seconds."""


async def require_captcha(ctx: Context, rest: Parameters) -> None:
    """Call it before anything is written: the provider's answer may take seconds. A testing token stands in
    for a solved CAPTCHA.

    Raises:
        ApiError: 400 without a token, and for one that the provider refuses; 422 for an unknown widget; 503
            when the provider gives no verdict.
    """
    rules = ctx.instance.settings.captcha
    if not rules.enabled or ctx.testing_token:
        return
    evidence = rest.read(CaptchaEvidence)
    if not evidence.captcha_token:
        raise errors.captcha_missing_token()
    secret_key = _secret_key(rules, evidence.captcha_widget_type)
    try:
        solved = await is_solved(rules.verify_url, secret_key, evidence.captcha_token)
    except CaptchaUnavailable:
        raise errors.service_unavailable(_RETRY_AFTER) from None
    if not solved:
        raise errors.captcha_invalid()


def _secret_key(rules: CaptchaRules, widget_type: str | None) -> str:
    match widget_type:
        case "invisible" if rules.invisible_secret_key:
            return rules.invisible_secret_key
        case "smart" | "invisible" | None:
            return rules.secret_key or ""
        case _:
            raise errors.captcha_widget_type_invalid()
