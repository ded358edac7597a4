"""Answers of other sites that say that there is no consent."""

from __future__ import annotations

import logging
import re

from greffier.server import errors
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

log = logging.getLogger(__name__)

_ERROR_CODE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}")


def require_consent(ctx: Context, answer: Parameters) -> None:
    """Raises: ApiError: 403 when the other site answers with an error; 400 with that of GitHub for an address
    that is not registered there."""
    if error := answer.text("error"):
        # RFC 6749 section 4.1.2.1: these characters alone, so that no line of the log can be forged.
        code = error if _ERROR_CODE.fullmatch(error) else "malformed"
        log.warning("instance %s: another site answered with the error %s", ctx.instance.id, code)
        raise (
            errors.redirect_uri_mismatch()
            if code == "redirect_uri_mismatch"
            else errors.oauth_access_denied()
        )
