"""Path patterns: which routes are public, and which part of a path names an organization.

A pattern is a path in which `*` stands for one segment, `**` for any number of them (also none), `:name` for
a segment that is kept, and `(...)` for a regular expression; `?`, `*` or `+` after `:name` or `(...)` make it
optional or repeated, together with the slash before it. Examples: `/blog/*`, `/docs/**`, `/orgs/:slug/(.*)?`.
A slash at the end of the path is ignored, as is one at the end of the pattern.
"""

import re
from functools import lru_cache

from greffier.sdk.errors import ConfigurationError

_TOKEN = re.compile(
    r"""
      (?P<escaped> \\. )
    | (?P<slash> / )? (?: :(?P<name> \w+ ) (?P<own> \( )? | (?P<group> \( ) )
    | (?P<stars> /\*\*(?=/|$) )
    | (?P<star> \* )
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=512)
def compile_path_pattern(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """The regular expression of a pattern, to be used with `match`: it is anchored at both ends."""
    if not pattern.startswith(("/", "(", ":")):
        raise ConfigurationError(f"The path pattern {pattern!r} must begin with a slash.")
    try:
        expression = "".join(_translate(pattern.rstrip("/")))
        return re.compile(rf"(?:{expression})/?\Z", re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ConfigurationError(f"The path pattern {pattern!r} cannot be read: {error}") from None


def _translate(pattern: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            pieces.append(re.escape(pattern[position]))
            position += 1
        elif token["name"] or token["group"]:
            piece, position = _capture(pattern, token)
            pieces.append(piece)
        else:
            pieces.append(_fixed(token))
            position = token.end()
    return pieces


def _fixed(token: re.Match[str]) -> str:
    if token["stars"]:
        return "(?:/.*)?"
    if token["star"]:
        return "[^/]+"
    return re.escape(token["escaped"][1:])


def _capture(pattern: str, token: re.Match[str]) -> tuple[str, int]:
    """A `:name` or `(...)` with its modifier, and where the pattern goes on."""
    inner, end = "[^/]+?", token.end()
    if token["own"] or token["group"]:
        end = _closing_parenthesis(pattern, token.end())
        inner = re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern[token.end() : end - 1])
    slash = "/" if token["slash"] else ""
    opening = f"(?P<{token['name']}>" if token["name"] else "("
    modifier = pattern[end : end + 1]
    if modifier == "?":
        return f"(?:{slash}{opening}{inner}))?", end + 1
    if modifier in ("*", "+"):
        repeated = f"{slash}{opening}(?:{inner})(?:{slash}(?:{inner}))*)"
        return (f"(?:{repeated})?" if modifier == "*" else repeated), end + 1
    return f"{slash}{opening}{inner})", end


def _closing_parenthesis(pattern: str, start: int) -> int:
    """The position after the parenthesis that closes the one before `start`."""
    depth, position = 1, start
    while position < len(pattern):
        character = pattern[position]
        position += 2 if character == "\\" else 1
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    raise ConfigurationError(f"The path pattern {pattern!r} has a parenthesis that is never closed.")
