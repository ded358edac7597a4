"""Detection of functions that refuse requests: the decorators and dependencies of this package, and the
checks that an app names as its own.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import Any

from greffier.sdk.protection.requirements import Requirement

# : Decorators of frameworks themselves that check the user set by this package.
_OF_FRAMEWORKS = ("django.contrib.auth.decorators", "starlette.authentication")


def is_check(function: object, own: Collection[object] = ()) -> bool:
    """Whether the function checks the auth object, and refuses.

    Args:
        own: functions of the app that do, besides those of this package.
    """
    return any(
        one in own or _holds_requirement(one) or _module_of(one) in _OF_FRAMEWORKS
        for one in _layers_of(function)
    )


def _layers_of(function: Any) -> Iterator[Any]:
    """The function and those that it wraps, as `functools.wraps` leaves them."""
    seen: set[int] = set()
    while function is not None and id(function) not in seen:
        seen.add(id(function))
        yield function
        if isinstance(function, functools.partial):
            function = function.func  # type: ignore[reportUnknownMemberType]
        else:
            function = getattr(function, "__wrapped__", None)


def _module_of(function: Any) -> str:
    """The module of its code, through wrappers."""
    return getattr(function, "__globals__", {}).get("__name__", "")


def _holds_requirement(function: Any) -> bool:
    """Whether it keeps a `Requirement`: in its closure, as the object that it is a method of, or within."""
    held: list[Any] = [function, getattr(function, "__self__", None)]
    for cell in getattr(function, "__closure__", None) or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:  # not filled yet
            continue
    own: dict[str, Any] = getattr(function, "__dict__", {})
    held += own.values()
    return any(isinstance(one, Requirement) for one in held)
