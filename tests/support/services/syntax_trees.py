"""Parses one module at a time.

pytest parses modules to rewrite their assertions, and servers of tests import some of theirs late, each in
its own thread. CPython 3.11 counts the depth of a syntax tree once per interpreter, so that threads which
parse at the same time end with "SystemError: AST constructor recursion depth mismatch" at times.
"""

from __future__ import annotations

import ast
import functools
import threading
from typing import Any

_parse: Any = ast.parse
_one_at_a_time = threading.RLock()


@functools.wraps(_parse)
def _parse_alone(*arguments: Any, **options: Any) -> Any:
    with _one_at_a_time:
        return _parse(*arguments, **options)


ast.parse = _parse_alone
