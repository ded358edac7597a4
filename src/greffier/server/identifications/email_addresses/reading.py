"""Email addresses as people write them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.addresses import PARAM, canonical, family
from greffier.server.verifications.identifiers import Identifier

NAME = PARAM
"""The name of this kind."""


def read_email_address(text: str, param: str = NAME) -> str:
    """The address as people write it (RFC 5321), normalised: trimmed, its domain in lower case.

    Raises:
        ApiError: 422 `form_param_format_invalid` at `param`, `form_param_nil` when empty.
    """
    if not text.strip():
        raise errors.invalid_params(errors.param_nil(param))
    from email_validator import EmailNotValidError, validate_email  # half a megabyte

    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise errors.identifier_invalid(param, "Email address must be a valid email address.") from None


def identifier_of(address: str) -> Identifier:
    """Args: address: as `read_email_address` returns it."""
    plain, compared = family(address), canonical(address)
    return Identifier(NAME, address, compared, plain if plain != compared else None)
