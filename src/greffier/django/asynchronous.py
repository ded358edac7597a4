"""Detection of functions that Django awaits."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

if sys.version_info >= (3, 12):

    def is_asynchronous(function: Callable[..., Any]) -> bool:
        """Whether calling the function makes a coroutine, also where it is only marked as such."""
        return inspect.iscoroutinefunction(function)

else:
    # Objects are marked in a way of asgiref's own there.
    from asgiref.sync import iscoroutinefunction as is_asynchronous

__all__ = ["is_asynchronous"]
