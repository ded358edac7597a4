"""Common passwords, from a list of the `zxcvbn` package, and its measure of strength."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_SHORTEST = 8
"""No instance accepts shorter ones, so they need not be kept."""

# The package's texts, with the codes that browser SDKs translate.
_SUGGESTIONS = {
    "Use a few words": "useWords",
    "No need for symbols": "noNeed",
    "Add another word": "anotherWord",
    "Use a longer keyboard pattern": "longerKeyboardPattern",
    "Avoid repeated words": "repeated",
    "Avoid sequences": "sequences",
    "Avoid recent years": "recentYears",
    "Avoid years that are associated": "associatedYears",
    "Avoid dates and years": "dates",
    "Capitalization": "capitalization",
    "All-uppercase": "allUppercase",
    "Reversed words": "reverseWords",
    "Predictable substitutions": "l33t",
}


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """In lower case. The first call reads one file of the package, not all of it: 20 ms and 6 MB."""
    package = find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("zxcvbn is missing: install greffier[server]")
    lists = spec_from_file_location("_frequency_lists", Path(package.origin).parent / "frequency_lists.py")
    if lists is None or lists.loader is None:
        raise ModuleNotFoundError("zxcvbn has no frequency_lists.py")
    module = module_from_spec(lists)
    lists.loader.exec_module(module)
    passwords: list[str] = module.FREQUENCY_LISTS["passwords"]
    return frozenset(word for word in passwords if len(word) >= _SHORTEST)


def is_common(password: str) -> bool:
    """Whether a password is in the list, in whatever case."""
    return password.lower() in common_passwords()


def strength(password: str) -> tuple[int, list[dict[str, str]]]:
    """The score, from 0 to 4, and suggestions. Takes up to 20 ms: call it in a thread."""
    from zxcvbn import zxcvbn

    result: Any = zxcvbn(password[:72])
    suggestions = [
        {"code": code, "message": message}
        for message in result["feedback"]["suggestions"]
        for start, code in _SUGGESTIONS.items()
        if message.startswith(start)
    ]
    return result["score"], suggestions
