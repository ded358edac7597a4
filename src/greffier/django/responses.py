"""Answers as Django responses."""

from collections.abc import Container, Iterable
from http.cookies import Morsel
from typing import Any

from django.http import HttpResponse, HttpResponseBase

from greffier.sdk.authentication.request_state import Header
from greffier.sdk.protection.gate import Answer


class CookieLine(Morsel[str]):
    """A `Set-Cookie` header kept as it is: http.cookies knows neither all attributes nor two cookies of one
    name for different domains."""

    def __init__(self, line: str) -> None:
        super().__init__()
        name, _, value = line.partition(";")[0].partition("=")
        self.set(name.strip(), value.strip(), value.strip())
        self.line = line

    def OutputString(self, attrs: Container[str] | None = None) -> str:  # noqa: N802 - as the base class calls it
        """The header's value."""
        return self.line

    def __reduce__(self) -> tuple[Any, ...]:
        return CookieLine, (self.line,)


def response_of(answer: Answer) -> HttpResponse:
    """A Django response."""
    response = HttpResponse(answer.body, status=answer.status)
    add_headers(response, answer.headers)
    return response


def add_headers(response: HttpResponseBase, headers: Iterable[Header]) -> None:
    """Add headers to a response; each cookie is a header of its own."""
    for name, value in headers:
        if name == "set-cookie":
            # Under a key that is no cookie's name: another one may have the same name.
            response.cookies[f"greffier;{len(response.cookies)}"] = CookieLine(value)
        else:
            response.headers[name] = value
