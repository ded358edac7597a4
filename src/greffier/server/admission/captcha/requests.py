"""Request structs of the CAPTCHA."""

from __future__ import annotations

import msgspec


class CaptchaEvidence(msgspec.Struct, kw_only=True):
    """The result of the widget that ran in the browser."""

    captcha_token: str | None = None
    captcha_widget_type: str | None = None
    """`smart` or `invisible`: the widget that made the token. Each has its own secret key."""
