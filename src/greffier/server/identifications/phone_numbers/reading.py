"""Phone numbers as people write them. They are stored in E.164 (ITU-T), such as `+12025550143`."""

from __future__ import annotations

import re
import unicodedata

from greffier.server import errors
from greffier.server.verifications.identifiers import Identifier

NAME = "phone_number"
"""The name of this kind."""

_LIKE_A_NUMBER = re.compile(r"\+?[\d\s().\-/]{5,32}")
_TEST_NUMBER = re.compile(r"\+1\d{3}55501\d\d", re.ASCII)
_LEAST_DIGITS = 7
"""No number that people enter has fewer, with or without its country code."""
_MAX_TEXT = 64
"""Characters; a number with an extension, in words of no language, is not longer."""


def is_test_number(number: str) -> bool:
    """Returns whether this is one of the numbers `+1XXX55501XX`, which belong to no subscriber: they take the
    fixed code and get no message."""
    return _TEST_NUMBER.fullmatch(number) is not None


def looks_like_number(text: str) -> bool:
    """Returns whether a text consists of enough digits, and of what people put between them."""
    return _LIKE_A_NUMBER.fullmatch(text.strip()) is not None and len(digits_of(text)) >= _LEAST_DIGITS


def digits_of(text: str) -> str:
    """Returns the digits of a text, of any script, as those of ASCII."""
    return "".join(str(unicodedata.decimal(c)) for c in text if unicodedata.decimal(c, None) is not None)


def canonical(text: str) -> str:
    """Returns the form in which numbers are compared. Text in a filter may lack the `+`, which an unescaped
    URL turns into a space."""
    return f"+{digits_of(text)}"


def read_phone_number(text: str, region: str, param: str = NAME) -> Identifier:
    """Returns the number in E.164.

    Args:
        region: two letters (ISO 3166-1); where a number without country code is from.

    Raises:
        ApiError: 422 `form_param_format_invalid` at `param`, `form_param_nil` when empty.
    """
    if not text.strip():
        raise errors.invalid_params(errors.param_nil(param))
    number = _parsed(text, region)
    if number is None:
        raise errors.identifier_invalid(param, "Phone number must be a valid phone number.")
    return Identifier(NAME, number, number)


def _parsed(text: str, region: str) -> str | None:
    import phonenumbers  # 130 ms, at the first number

    if len(text) > _MAX_TEXT:
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    usable = phonenumbers.is_valid_number(parsed) or is_test_number(number)
    return number if usable and not parsed.extension else None


def country_of(number: str) -> str | None:
    """Returns the country of a number in E.164 (ISO 3166-1, two letters). `None` for numbers of no country,
    such as satellite phones and premium services."""
    import phonenumbers

    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return region if region and len(region) == 2 else None
