"""Parameters of a request beyond those that its operation names."""

from __future__ import annotations

from functools import cache
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from greffier.server.web.http.forms import EMPTY, Body, bind

T = TypeVar("T", bound=msgspec.Struct)
Text = str | msgspec.UnsetType | None


class Parameters:
    """The parameters of a request for code that names its own: a strategy reads them by a struct, and a kind
    of identification has fields that are called after it.
    """

    __slots__ = ("_body",)

    def __init__(self, body: Body = EMPTY) -> None:
        self._body = body

    def read(self, struct: type[T]) -> T:
        """Raises: ApiError: 422 with an entry for each parameter that is missing or malformed."""
        return bind(struct, self._body, ignore_unknown=True)

    def text(self, name: str) -> Text:
        """Returns one parameter: `None` if it is empty, unset if it is absent.

        Raises:
            ApiError: 422 when it is given twice, or is no text.
        """
        return getattr(self.read(_struct_of(name)), name)

    def as_query(self) -> str:
        """Returns the texts of a form as a query string, in their order."""
        return urlencode({name: value for name, value in self._body.values.items() if name}, doseq=True)


@cache
def _struct_of(name: str) -> type[msgspec.Struct]:
    return msgspec.defstruct("Named", [(name, Text, msgspec.UNSET)], kw_only=True)
